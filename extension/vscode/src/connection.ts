// The running server: one child process of the extension host, wherever that is (here, over SSH, in WSL or a container).

import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  State,
  WorkDoneProgress,
} from "vscode-languageclient/node";
import { explicitSettings } from "./settings";
import type { Status, StatusBar } from "./statusBar";
import type { Suggestions } from "./suggestions";

const MAX_RESTARTS = 3;
const WINDOW_MS = 180_000;

/** What `dragoman.status` answers. */
interface ServerStatus extends Status {
  model: string;
}

export class Connection implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private restarts: number[] = [];
  /** The program that runs, for its other commands. */
  program = "";

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusBar,
    private readonly suggestions: Suggestions,
  ) {}

  /** Start `program`, in place of a server that runs. */
  async start(program: string): Promise<void> {
    await this.stop();
    this.program = program;
    this.restarts = [];
    this.status.starting();
    const run = { command: program, args: ["serve"] };
    const client = new LanguageClient("dragoman", "Dragoman", { run, debug: run }, this.options());
    client.onNotification("didChangeStatus", (told: Status) => {
      this.told(client, told);
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Starting) {
        this.status.starting();
      } else if (newState === State.Stopped) {
        this.status.stopped();
      }
    });
    this.suggestions.notify = (method, params) => {
      if (client.state === State.Running) {
        void client.sendNotification(method, params);
      }
    };
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.log.error(`${program} serve: ${String(error)}`);
      this.status.stopped();
      const choice = await vscode.window.showErrorMessage(`Dragoman: ${program} could not be started.`, "Open Log", "Open Settings");
      if (choice === "Open Log") {
        this.log.show();
      } else if (choice === "Open Settings") {
        await vscode.commands.executeCommand("workbench.action.openSettings", "dragoman.server");
      }
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client && client.state !== State.Stopped) {
      await client.stop().catch((error: unknown) => {
        this.log.warn(`the server did not stop in good order: ${String(error)}`);
      });
    }
    await client?.dispose().catch(() => undefined);
  }

  /** Run a command of the server. Rejects with a message for a person where the server refuses. */
  async execute<Answer>(command: string, argument: object, token: vscode.CancellationToken, workDoneToken?: string): Promise<Answer> {
    if (this.client?.state !== State.Running) {
      throw new Error("the server is not running; “Dragoman: Restart Server” starts it.");
    }
    const params = { command, arguments: [argument], ...(workDoneToken === undefined ? {} : { workDoneToken }) };
    return await this.client.sendRequest<Answer>("workspace/executeCommand", params, token);
  }

  /** Hear of progress on a token of ours. */
  onProgress(token: string, listen: (message: string) => void): vscode.Disposable {
    const listening = this.client?.onProgress(WorkDoneProgress.type, token, (value) => {
      listen(value.message ?? "");
    });
    return new vscode.Disposable(() => {
      listening?.dispose();
    });
  }

  /** The user trusts the workspace from now on. */
  tellTrust(): void {
    if (this.client?.state === State.Running) {
      void this.client.sendNotification("dragoman/workspaceTrust", { trusted: vscode.workspace.isTrusted });
    }
  }

  private told(client: LanguageClient, told: Status): void {
    this.status.told(told);
    if (!told.busy) {
      const params = { command: "dragoman.status", arguments: [] };
      client.sendRequest<ServerStatus>("workspace/executeCommand", params).then(
        (answer) => {
          this.status.model = answer.model;
          this.status.told(told);
        },
        () => undefined, // it has gone meanwhile
      );
    }
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }],
      outputChannel: this.log,
      initializationOptions: { dragoman: {}, workspaceTrusted: vscode.workspace.isTrusted },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => this.closed(),
      },
      middleware: {
        provideInlineCompletionItems: (document, position, context, token, next) =>
          this.suggestions.provide(document, position, context, token, next),
        workspace: {
          configuration: (params) => params.items.map(() => explicitSettings()),
          didChangeConfiguration: async () => {
            const settings = { dragoman: explicitSettings() };
            await this.client?.sendNotification("workspace/didChangeConfiguration", { settings });
          },
        },
      },
    };
  }

  /** The server has gone without being asked to: start it again, unless it dies over and over. */
  private closed(): CloseHandlerResult {
    const now = Date.now();
    this.restarts = this.restarts.filter((at) => now - at < WINDOW_MS);
    if (this.restarts.length < MAX_RESTARTS) {
      this.restarts.push(now);
      this.log.warn("the server died and is started again");
      return { action: CloseAction.Restart, handled: true };
    }
    this.status.stopped();
    void vscode.window
      .showErrorMessage("Dragoman: the server died several times in a row.", "Restart", "Open Log")
      .then((choice) => choice && vscode.commands.executeCommand(choice === "Restart" ? "dragoman.restart" : "dragoman.showLog"));
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  dispose(): void {
    void this.stop();
  }
}
