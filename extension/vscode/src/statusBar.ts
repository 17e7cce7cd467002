// The item in the status bar: state in words (never by colour alone), model, time of the last suggestion.

import * as vscode from "vscode";
import type { Pauses } from "./pauses";

/** What the server tells with `didChangeStatus`. */
export interface Status {
  kind: "Normal" | "Warning" | "Error" | "Inactive";
  busy: boolean;
  message: string;
}

const WORDS: Record<Status["kind"], string> = { Normal: "ready", Warning: "warning", Error: "error", Inactive: "off" };

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("dragoman.status", vscode.StatusBarAlignment.Right, 100);
  private readonly listeners: vscode.Disposable[];
  private status: Status | undefined;
  private problem: string | undefined = "starting";
  private latencyMs: number | undefined;
  model = "";

  constructor(private readonly pauses: Pauses) {
    this.item.name = "Dragoman";
    this.item.command = "dragoman.menu";
    this.listeners = [
      pauses.onDidChange(() => {
        this.show();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.show();
      }),
    ];
    this.show();
    this.item.show();
  }

  starting(): void {
    this.status = undefined;
    this.problem = "starting";
    this.show();
  }

  installing(): void {
    this.status = undefined;
    this.problem = "installing";
    this.show();
  }

  missing(): void {
    this.status = undefined;
    this.problem = "not installed";
    this.show();
  }

  stopped(): void {
    this.status = undefined;
    this.problem = "stopped";
    this.show();
  }

  told(status: Status): void {
    this.status = status;
    this.problem = undefined;
    this.show();
  }

  /** A suggestion came so many milliseconds after it was asked for. */
  answered(milliseconds: number): void {
    this.latencyMs = milliseconds;
    this.show();
  }

  private show(): void {
    const paused = this.pauses.reason(vscode.window.activeTextEditor?.document);
    const state = this.problem ?? this.words() ?? "starting";
    const failing = this.problem === undefined && (this.status?.kind === "Error" || this.status?.kind === "Warning");
    const working = this.problem === "starting" || this.problem === "installing" || this.status?.busy === true;
    const icon = working ? "loading~spin" : paused ? "circle-slash" : failing ? "warning" : "sparkle";
    const text = paused ?? state;
    this.item.text = `$(${icon}) Dragoman: ${text}`;
    this.item.backgroundColor = failing ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.accessibilityInformation = { label: `Dragoman, ${text}. Opens its menu.`, role: "button" };
    this.item.tooltip = this.tooltip(text);
  }

  private words(): string | undefined {
    if (this.status?.busy) {
      return this.status.message || "working";
    }
    return this.status && WORDS[this.status.kind];
  }

  private tooltip(text: string): vscode.MarkdownString {
    const lines = [`**Dragoman** ${text}`];
    if (this.status?.message && !this.status.busy) {
      lines.push(this.status.message);
    }
    if (this.model) {
      lines.push(`Model: ${this.model}`);
    }
    if (this.latencyMs !== undefined) {
      lines.push(`Last suggestion: ${Math.round(this.latencyMs)} ms`);
    }
    return new vscode.MarkdownString(lines.join("\n\n"));
  }

  dispose(): void {
    vscode.Disposable.from(...this.listeners, this.item).dispose();
  }
}
