// What is suggested now, and what becomes of it. VS Code says nothing of shown or partly accepted suggestions to an
// extension, so both are read off the document: an edit that inserts the beginning of the suggestion at once is a part
// that was accepted, a single character is typing.

import * as vscode from "vscode";
import type { Pauses } from "./pauses";
import type { StatusBar } from "./statusBar";

const SHOWN_AFTER_MS = 80;
const INVOKED = 0; // vscode.InlineCompletionTriggerKind.Invoke

/** Sends a notification to the server; nothing happens while there is none. */
export type Notify = (method: string, params: object) => void;

type Ask = (
  document: vscode.TextDocument,
  position: vscode.Position,
  context: vscode.InlineCompletionContext,
  token: vscode.CancellationToken,
) => vscode.ProviderResult<vscode.InlineCompletionItem[] | vscode.InlineCompletionList>;

interface Shown {
  readonly uri: string;
  readonly item: { insertText: string; command: vscode.Command | undefined };
  readonly text: string;
  readonly start: vscode.Position;
  /** How much of the text stands in the document by now. */
  taken: number;
}

export class Suggestions implements vscode.Disposable {
  notify: Notify = () => undefined;
  private current: Shown | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: vscode.Disposable[];

  constructor(
    private readonly pauses: Pauses,
    private readonly status: StatusBar,
  ) {
    this.listeners = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.edited(event);
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.forget();
      }),
    ];
  }

  /** Middleware of the language client: asks, unless suggestions are paused here. */
  async provide(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
    next: Ask,
  ): Promise<vscode.InlineCompletionItem[] | vscode.InlineCompletionList | null | undefined> {
    const invoked = (context.triggerKind as number) === INVOKED;
    if (!invoked && this.pauses.reason(document) !== undefined) {
      return [];
    }
    const start = performance.now();
    const answer = await next(document, position, context, token);
    const items = Array.isArray(answer) ? answer : (answer?.items ?? []);
    const first = items[0];
    if (first === undefined || token.isCancellationRequested) {
      return answer;
    }
    this.status.answered(performance.now() - start);
    this.expect(document, position, first);
    return answer;
  }

  /** Take the suggestion from the screen by the user's wish. */
  async dismiss(): Promise<void> {
    const shown = this.current;
    this.forget();
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
    if (shown) {
      this.notify("textDocument/didRejectCompletion", { item: shown.item });
    }
  }

  private expect(document: vscode.TextDocument, position: vscode.Position, item: vscode.InlineCompletionItem): void {
    const text = typeof item.insertText === "string" ? item.insertText : item.insertText.value;
    const start = item.range?.start ?? position;
    const taken = document.offsetAt(position) - document.offsetAt(start);
    const shown: Shown = { uri: document.uri.toString(), item: { insertText: text, command: item.command }, text, start, taken };
    this.current = shown;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.current === shown && vscode.window.activeTextEditor?.document === document) {
        void vscode.commands.executeCommand("setContext", "dragoman.suggesting", true);
        this.notify("textDocument/didShowCompletion", { item: shown.item });
      }
    }, SHOWN_AFTER_MS);
  }

  private edited(event: vscode.TextDocumentChangeEvent): void {
    const shown = this.current;
    if (shown?.uri !== event.document.uri.toString() || event.contentChanges.length === 0) {
      return;
    }
    const from = event.document.offsetAt(shown.start);
    const change = event.contentChanges.length === 1 ? event.contentChanges[0] : undefined;
    const goesOn = change?.rangeOffset === from + shown.taken && change.text !== "" && shown.text.startsWith(change.text, shown.taken);
    if (!change || !goesOn) {
      this.forget();
      return;
    }
    shown.taken += change.text.length;
    if (shown.taken >= shown.text.length) {
      this.forget(); // all of it: the item's command tells the server
    } else if (change.text.length > 1) {
      this.notify("textDocument/didPartiallyAcceptCompletion", { item: shown.item, acceptedLength: shown.taken });
    }
  }

  private forget(): void {
    clearTimeout(this.timer);
    if (this.current) {
      this.current = undefined;
      void vscode.commands.executeCommand("setContext", "dragoman.suggesting", false);
    }
  }

  dispose(): void {
    this.forget();
    vscode.Disposable.from(...this.listeners).dispose();
  }
}
