// What VS Code loads: puts the parts together, registers the commands, and takes everything down again.

import * as vscode from "vscode";
import { Connection } from "./connection";
import { askForConsent } from "./consent";
import { findServer, installServer, offerInstallation } from "./installation";
import { showMenu } from "./menu";
import { Pauses } from "./pauses";
import { StatusBar } from "./statusBar";
import { Suggestions } from "./suggestions";
import { Translations } from "./translation";

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Dragoman", { log: true });
  const pauses = new Pauses();
  const status = new StatusBar(pauses);
  const suggestions = new Suggestions(pauses, status);
  const connection = new Connection(log, status, suggestions);
  const translations = new Translations(connection);
  context.subscriptions.push(log, pauses, status, suggestions, connection, translations);

  let asked = 0;
  const install = async (): Promise<void> => {
    asked++;
    await connection.stop();
    status.installing();
    if (await installServer(context, log)) {
      await start();
    } else {
      status.missing();
    }
  };
  const start = async (): Promise<void> => {
    const turn = ++asked;
    const server = await findServer(context);
    if (turn !== asked) {
      return; // the last call counts, however long each looks for the server
    }
    if (server !== undefined) {
      await connection.start(server);
      await askForConsent(context);
      return;
    }
    await connection.stop();
    status.missing();
    if (await offerInstallation()) {
      await install();
    }
  };
  const commands: Record<string, (...args: never[]) => unknown> = {
    "dragoman.menu": () => showMenu({ connection, pauses, log, install }),
    "dragoman.installServer": install,
    "dragoman.restart": start,
    "dragoman.showLog": () => {
      log.show();
    },
    "dragoman.dismiss": () => suggestions.dismiss(),
    "dragoman.translateSelection": () => translations.translateSelection(),
    "dragoman.translateFile": () => translations.translateFile(),
    "dragoman.acceptTranslation": () => translations.accept(),
    "dragoman.discardTranslation": () => translations.discard(),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("dragoman.server")) {
        await start();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      connection.tellTrust();
    }),
  );
  void start(); // VS Code need not wait: it may take an answer of the user
}

export function deactivate(): void {
  // Everything is in the context's subscriptions.
}
