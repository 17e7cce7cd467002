// Where the server is: the program in the settings, the extension's own Python environment, or the path. Where there is
// none, the extension offers to make that environment.

import { execFile, spawn } from "node:child_process";
import { access, mkdir, rm } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";

const WINDOWS = process.platform === "win32";
const PYTHONS = WINDOWS
  ? ["py", "python"]
  : ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];
const NEW_ENOUGH = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

function setting(name: string): string {
  return vscode.workspace.getConfiguration("dragoman.server").get<string>(name, "").trim();
}

function environmentOf(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, "environment");
}

function programIn(environment: string, name: string): string {
  return WINDOWS ? path.join(environment, "Scripts", `${name}.exe`) : path.join(environment, "bin", name);
}

/** The server's program; `undefined` if there is none. */
export async function findServer(context: vscode.ExtensionContext): Promise<string | undefined> {
  const chosen = setting("path");
  if (chosen !== "") {
    return chosen;
  }
  for (const program of [programIn(environmentOf(context), "dragoman"), ...onPath("dragoman")]) {
    if (await exists(program)) {
      return program;
    }
  }
  return undefined;
}

/** Ask whether the server shall be installed. */
export async function offerInstallation(): Promise<boolean> {
  const question =
    "Dragoman needs its language server: a Python environment of its own (400 MB) and, at first use, a model (100 MB). " +
    "Nothing else on this machine is changed.";
  const choice = await vscode.window.showInformationMessage(question, "Install", "Choose a Program", "Not Now");
  if (choice === "Choose a Program") {
    await vscode.commands.executeCommand("workbench.action.openSettings", "dragoman.server.path");
  }
  return choice === "Install";
}

/** Make the environment anew. Whether it succeeded; failures are shown. */
export async function installServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  const python = await findPython();
  if (python === undefined) {
    const hint = WINDOWS ? "python.org has it." : "On Debian and Ubuntu: apt install python3 python3-venv.";
    void vscode.window.showErrorMessage(
      `Dragoman needs Python 3.11 or newer with venv, and found none. ${hint} If it is elsewhere, set dragoman.server.python.`,
    );
    return false;
  }
  const environment = environmentOf(context);
  const location = vscode.ProgressLocation.Notification;
  return await vscode.window.withProgress({ location, title: "Dragoman", cancellable: true }, async (progress, token) => {
    try {
      progress.report({ message: "making a Python environment" });
      await rm(environment, { recursive: true, force: true });
      await mkdir(path.dirname(environment), { recursive: true });
      await run(python, ["-m", "venv", environment], log, token);
      progress.report({ message: "fetching the server" });
      const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"];
      await run(programIn(environment, "python"), [...pip, setting("package") || "dragoman[cpu]"], log, token, (line) => {
        const [, name] = /^(?:Collecting|Downloading|Installing collected packages:) *(\S+)/.exec(line) ?? [];
        if (name !== undefined) {
          progress.report({ message: `fetching ${name}` });
        }
      });
      return true;
    } catch (error) {
      await rm(environment, { recursive: true, force: true });
      if (!token.isCancellationRequested) {
        log.error(String(error));
        void failed(error, log);
      }
      return false;
    }
  });
}

async function failed(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  const offline = /NameResolution|ConnectionError|Failed to establish|Max retries|Could not fetch URL|Temporary failure/.test(String(error));
  const reason = offline
    ? "The package index cannot be reached. Without a network, install the server elsewhere and set dragoman.server.path."
    : "The server could not be installed.";
  if ((await vscode.window.showErrorMessage(`Dragoman: ${reason}`, "Open Log")) === "Open Log") {
    log.show();
  }
}

async function findPython(): Promise<string | undefined> {
  const chosen = setting("python");
  for (const python of chosen === "" ? PYTHONS : [chosen]) {
    const suits = await new Promise<boolean>((resolve) => {
      execFile(python, ["-c", NEW_ENOUGH], (error) => {
        resolve(error === null);
      });
    });
    if (suits) {
      return python;
    }
  }
  return undefined;
}

/** Run a program to its end; its output goes to the log. Rejects with the end of the output if it fails. */
async function run(
  program: string,
  args: string[],
  log: vscode.LogOutputChannel,
  token: vscode.CancellationToken,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  log.info(`${program} ${args.join(" ")}`);
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const cancelled = token.onCancellationRequested(() => child.kill());
    let output = "";
    const hear = (chunk: Buffer): void => {
      const text = chunk.toString();
      output = (output + text).slice(-4000);
      for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
        log.info(line);
        onLine(line);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("close", (code) => {
      cancelled.dispose();
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${program} ended with ${String(code)}: ${output}`));
      }
    });
  });
}

function onPath(name: string): string[] {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, WINDOWS ? `${name}.exe` : name));
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
