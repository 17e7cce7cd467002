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
/** How long a server that starts is waited for, to be stopped in good order. */
const START_MS = 10_000;

/** What `dragoman.status` answers. */
interface ServerStatus extends Status {
  model: string;
}

export class Connection implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private restarts: number[] = [];
  private changes: Promise<unknown> = Promise.resolve();
  private calls = 0;
  /** The program that runs, for its other commands; empty where there is none. */
  program = "";

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusBar,
    private readonly suggestions: Suggestions,
  ) {}

  /** Start `program`, in place of a server that runs. Of several calls the last one counts. */
  async start(program: string): Promise<void> {
    const begun = await this.replace(() => this.begin(program));
    try {
      await begun?.started;
    } catch (error) {
      this.log.error(`${program} serve: ${String(error)}`);
      if (begun?.client !== this.client) {
        return; // another has taken its place
      }
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
    await this.replace(() => undefined);
  }

  /** Take the server down once earlier calls are through, then `begin` another, unless a later call is to do that. */
  private async replace<Begun>(begin: () => Begun): Promise<Begun | undefined> {
    const call = ++this.calls;
    const replaced = this.changes.then(async () => {
      await this.end();
      return call === this.calls ? begin() : undefined;
    });
    this.changes = replaced.catch(() => undefined);
    return await replaced;
  }

  private begin(program: string): { client: LanguageClient; started: Promise<void> } {
    this.program = program;
    this.restarts = [];
    this.status.starting();
    const run = { command: program, args: ["serve"] };
    const client: LanguageClient = new LanguageClient("dragoman", "Dragoman", { run, debug: run }, this.options(() => this.closed(client)));
    client.onNotification("didChangeStatus", (told: Status) => {
      this.told(client, told);
    });
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client) {
        return;
      }
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
    return { client, started: client.start() };
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.program = "";
    if (client?.needsStop()) {
      // Only what has started can be stopped. `start` answers the start that is under way.
      await Promise.race([client.start(), new Promise((resolve) => setTimeout(resolve, START_MS))]).catch(() => undefined);
    }
    if (client?.state === State.Running) {
      await client.stop().catch((error: unknown) => {
        this.log.warn(`the server did not stop in good order: ${String(error)}`);
      });
    }
    await client?.dispose().catch(() => undefined); // kills a program that never answered
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
    if (client !== this.client) {
      return;
    }
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

  private options(closed: () => CloseHandlerResult): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }],
      outputChannel: this.log,
      initializationOptions: { dragoman: {}, workspaceTrusted: vscode.workspace.isTrusted },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed,
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
  private closed(client: LanguageClient): CloseHandlerResult {
    if (client !== this.client) {
      return { action: CloseAction.DoNotRestart, handled: true }; // it was to be stopped
    }
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
