// The menu behind the status bar item.

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import type { Connection } from "./connection";
import type { Pauses } from "./pauses";

interface Parts {
  connection: Connection;
  pauses: Pauses;
  log: vscode.LogOutputChannel;
  install: () => Promise<void>;
}

interface Entry extends vscode.QuickPickItem {
  run: () => unknown;
}

export async function showMenu(parts: Parts): Promise<void> {
  const chosen = await vscode.window.showQuickPick(entries(parts), { title: "Dragoman", placeHolder: "What shall Dragoman do?" });
  await chosen?.run();
}

function entries({ connection, pauses, log, install }: Parts): Entry[] {
  const withProgram = async (use: (program: string) => unknown): Promise<void> => {
    if (connection.program !== "") {
      await use(connection.program);
    } else if ((await vscode.window.showWarningMessage("Dragoman: the language server is not installed.", "Install Server")) !== undefined) {
      await install();
    }
  };
  const document = vscode.window.activeTextEditor?.document;
  const paused = pauses.reason(document);
  const list: Entry[] = [];
  if (paused !== undefined) {
    list.push({ label: "$(play) Resume suggestions", description: paused, run: () => { pauses.resume(); } });
  } else {
    if (document) {
      list.push(
        { label: "$(circle-slash) Pause for this file", run: () => { pauses.pauseFile(document); } },
        { label: `$(circle-slash) Pause for the language ${document.languageId}`, run: () => { pauses.pauseLanguage(document.languageId); } },
      );
    }
    list.push({ label: "$(clock) Pause for an hour", run: () => { pauses.pauseForAnHour(); } });
  }
  list.push(
    { label: "$(arrow-swap) Translate selection or file…", run: () => vscode.commands.executeCommand("dragoman.translateSelection") },
    { label: "$(server-environment) Change model…", run: () => withProgram(changeModel) },
    { label: "$(output) Open log", run: () => { log.show(); } },
    { label: "$(graph) Open telemetry", description: "what was recorded", run: () => withProgram(report(["telemetry", "show"])) },
    { label: "$(shield) What may be recorded…", run: () => openSettings("dragoman.telemetry") },
    { label: "$(settings-gear) Open settings", run: () => openSettings("@ext:dragoman.dragoman") },
    { label: "$(pulse) Doctor", description: "what works here, and what is missing", run: () => withProgram(report(["doctor"])) },
    { label: "$(debug-restart) Restart server", run: () => vscode.commands.executeCommand("dragoman.restart") },
    { label: "$(cloud-download) Install server again", run: install },
  );
  return list;
}

function openSettings(query: string): Thenable<unknown> {
  return vscode.commands.executeCommand("workbench.action.openSettings", query);
}

let reports: vscode.OutputChannel | undefined;

/** Runs another command of the server's program and shows what it says. */
function report(args: string[]): (program: string) => void {
  return (program) => {
    reports ??= vscode.window.createOutputChannel("Dragoman Report");
    const channel = reports;
    channel.clear();
    channel.appendLine(`dragoman ${args.join(" ")}`);
    channel.show();
    execFile(program, args, { timeout: 120_000 }, (error, stdout, stderr) => {
      channel.append(stdout || stderr || error?.message || "");
    });
  };
}

interface Models {
  models: { name: string; description: string; licence: string; bytes_on_disk: number }[];
}

async function changeModel(program: string): Promise<void> {
  const picks = listModels(program).then((models) =>
    models.map(({ name, description, licence, bytes_on_disk }) => ({
      label: name,
      description: bytes_on_disk > 0 ? "on this machine" : "is fetched when it is first used",
      detail: `${description} (${licence})`,
    })),
  );
  const chosen = await vscode.window.showQuickPick(picks, { title: "Dragoman: model", matchOnDetail: true });
  if (chosen) {
    await vscode.workspace.getConfiguration("dragoman").update("model.name", chosen.label, vscode.ConfigurationTarget.Global);
  }
}

async function listModels(program: string): Promise<Models["models"]> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(program, ["models", "list", "--json"], { timeout: 30_000 }, (error, stdout) => {
      if (error) {
        reject(new Error(error.message));
      } else {
        resolve(stdout);
      }
    });
  });
  return (JSON.parse(output) as Models).models;
}
