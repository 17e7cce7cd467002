// Where and how long nothing is suggested while typing. A key still asks.

import * as vscode from "vscode";

const HOUR_MS = 3_600_000;

export class Pauses implements vscode.Disposable {
  private readonly files = new Set<string>();
  private readonly languages = new Set<string>();
  private until = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  /** Why nothing is suggested in a document, in words; `undefined` if something is. */
  reason(document: vscode.TextDocument | undefined): string | undefined {
    if (Date.now() < this.until) {
      const time = new Date(this.until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      return `paused until ${time}`;
    }
    if (document && this.files.has(document.uri.toString())) {
      return "paused in this file";
    }
    if (document && this.languages.has(document.languageId)) {
      return `paused in ${document.languageId}`;
    }
    return undefined;
  }

  pauseFile(document: vscode.TextDocument): void {
    this.files.add(document.uri.toString());
    this.changed.fire();
  }

  pauseLanguage(languageId: string): void {
    this.languages.add(languageId);
    this.changed.fire();
  }

  pauseForAnHour(): void {
    this.until = Date.now() + HOUR_MS;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.changed.fire();
    }, HOUR_MS);
    this.changed.fire();
  }

  /** Suggest again, here and everywhere. */
  resume(): void {
    this.files.clear();
    this.languages.clear();
    this.until = 0;
    this.changed.fire();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
  }
}
