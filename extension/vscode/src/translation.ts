// Translate a selection or a file: choose a language, wait with progress, compare, accept or discard.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Connection } from "./connection";
import { LANGUAGES } from "./languages";

const SCHEME = "dragoman-translation";

interface Position {
  line: number;
  character: number;
}

interface Verdict {
  status: "verified" | "builds" | "failed" | "unchecked";
  evidence: string;
  faultDescription: string;
  messages: string;
  hint: string;
}

/** What `dragoman.translate` answers (docs/translation.md). */
interface Translation {
  text: string;
  sourceLanguage: string;
  targetLanguage: string;
  sourceUri: string;
  suggestedUri: string;
  range: { start: Position; end: Position };
  verdict: Verdict;
  warnings: string[];
}

const SYMBOLS: Record<Verdict["status"], string> = { verified: "✓", builds: "○", failed: "✗", unchecked: "?" };

export class Translations implements vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly open = new Map<string, Translation>();
  private readonly verdicts = vscode.languages.createDiagnosticCollection("dragoman-translation");
  private readonly listeners: vscode.Disposable[];
  private count = 0;

  constructor(private readonly connection: Connection) {
    this.listeners = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: (uri) => this.texts.get(uri.toString()) ?? "",
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const tab of closed) {
          if (tab.input instanceof vscode.TabInputTextDiff) {
            this.forget(tab.input.modified);
          }
        }
      }),
    ];
  }

  async translateSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor) {
      await this.translate(editor.document, editor.selection.isEmpty ? undefined : editor.selection);
    }
  }

  async translateFile(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor) {
      await this.translate(editor.document, undefined);
    }
  }

  private async translate(document: vscode.TextDocument, range: vscode.Range | undefined): Promise<void> {
    const choices = LANGUAGES.filter(({ id }) => id !== document.languageId);
    const picks = choices.map(({ id, name }) => ({ label: name, description: id }));
    const target = await vscode.window.showQuickPick(picks, { title: `Translate ${range ? "the selection" : path.basename(document.fileName)} to` });
    if (!target) {
      return;
    }
    const title = `Translating to ${target.label}`;
    const location = vscode.ProgressLocation.Notification;
    try {
      const answer = await vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
        const workDoneToken = `dragoman-translation-${++this.count}`;
        const listening = this.connection.onProgress(workDoneToken, (message) => {
          progress.report({ message });
        });
        try {
          const argument = { uri: document.uri.toString(), to: target.description, ...(range ? { range } : {}) };
          return await this.connection.execute<Translation>("dragoman.translate", argument, token, workDoneToken);
        } catch (error) {
          if (token.isCancellationRequested) {
            return undefined;
          }
          throw error;
        } finally {
          listening.dispose();
        }
      });
      if (answer) {
        await this.show(document, answer);
      }
    } catch (error) {
      void vscode.window.showErrorMessage(`Dragoman: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** The source and its translation beside each other, the verdict in the title and in a message. */
  private async show(document: vscode.TextDocument, answer: Translation): Promise<void> {
    const { start, end } = answer.range;
    const source = document.getText(new vscode.Range(start.line, start.character, end.line, end.character));
    const number = ++this.count;
    const suffix = path.extname(document.fileName);
    const before = vscode.Uri.from({ scheme: SCHEME, path: `/${number}/source${suffix}` });
    const name = path.posix.basename(vscode.Uri.parse(answer.suggestedUri).path);
    const after = vscode.Uri.from({ scheme: SCHEME, path: `/${number}/${name}` });
    this.texts.set(before.toString(), source);
    this.texts.set(after.toString(), answer.text);
    this.open.set(after.toString(), answer);
    const { verdict } = answer;
    const title = `${path.basename(document.fileName)} → ${name}: ${SYMBOLS[verdict.status]} ${verdict.status}`;
    await vscode.commands.executeCommand("vscode.diff", before, after, title, { preview: false });
    this.mark(after, answer);
    const report = [`${SYMBOLS[verdict.status]} ${verdict.status}: ${verdict.evidence}`, verdict.faultDescription, verdict.hint, ...answer.warnings];
    const message = `Dragoman: ${report.filter((part) => part !== "").join(" ")}`;
    const show = verdict.status === "failed" ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const actions = verdict.messages === "" ? ["Accept", "Discard"] : ["Accept", "Discard", "Show Messages"];
    void show(message, ...actions).then(async (choice) => {
      if (choice === "Accept") {
        await this.accept(after);
      } else if (choice === "Discard") {
        await this.discard(after);
      } else if (choice === "Show Messages") {
        await vscode.commands.executeCommand("workbench.actions.view.problems");
      }
    });
  }

  private mark(uri: vscode.Uri, { verdict }: Translation): void {
    const severity = verdict.status === "failed" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Information;
    const parts = [`${verdict.status}: ${verdict.evidence}`, verdict.faultDescription, verdict.messages, verdict.hint];
    const diagnostic = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 0), parts.filter((part) => part !== "").join("\n"), severity);
    diagnostic.source = "dragoman";
    diagnostic.code = verdict.status;
    this.verdicts.set(uri, [diagnostic]);
  }

  /** Write the translation to a new file beside its source, and open it. */
  async accept(uri = activeTranslation()): Promise<void> {
    const answer = uri && this.open.get(uri.toString());
    if (!answer) {
      void vscode.window.showInformationMessage("Dragoman: no translation is open here.");
      return;
    }
    const target = await free(vscode.Uri.parse(answer.suggestedUri));
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(target, { overwrite: false, contents: new TextEncoder().encode(answer.text) });
    if (await vscode.workspace.applyEdit(edit)) {
      await this.discard(uri);
      await vscode.window.showTextDocument(target);
    } else {
      void vscode.window.showErrorMessage(`Dragoman: ${target.fsPath} could not be written.`);
    }
  }

  /** Close the comparison and keep nothing. */
  async discard(uri = activeTranslation()): Promise<void> {
    for (const tab of vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs)) {
      if (tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === uri?.toString()) {
        await vscode.window.tabGroups.close(tab);
      }
    }
  }

  private forget(uri: vscode.Uri): void {
    this.open.delete(uri.toString());
    this.texts.delete(uri.toString());
    this.verdicts.delete(uri);
  }

  dispose(): void {
    vscode.Disposable.from(...this.listeners, this.verdicts).dispose();
  }
}

function activeTranslation(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME ? input.modified : undefined;
}

/** `uri` if nothing is there, else the first of `name-2.rs`, `name-3.rs`, ... that is free. */
async function free(uri: vscode.Uri): Promise<vscode.Uri> {
  const { dir, name, ext } = path.posix.parse(uri.path);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? uri : uri.with({ path: path.posix.join(dir, `${name}-${number}${ext}`) });
    const taken = await Promise.resolve(vscode.workspace.fs.stat(candidate)).then(
      () => true,
      () => false,
    );
    if (!taken) {
      return candidate;
    }
  }
}
