// Consent to recording, asked once. Nothing is recorded before somebody says yes, and VS Code's own switch counts more.

import * as vscode from "vscode";

const ASKED = "dragoman.askedForConsent";

const ANSWERS: Record<string, "metrics" | "context" | "off"> = {
  "Nothing": "off",
  "Numbers": "metrics",
  "Code Too": "context",
};

export async function askForConsent(context: vscode.ExtensionContext): Promise<void> {
  if (context.globalState.get<boolean>(ASKED) || !vscode.env.isTelemetryEnabled) {
    return;
  }
  const configuration = vscode.workspace.getConfiguration("dragoman");
  const question =
    "May Dragoman keep a record of its suggestions, to measure how good they are? Nothing; numbers (sizes, times, scores); " +
    "or the code around the cursor too. The record stays on this machine.";
  const choice = await vscode.window.showInformationMessage(question, ...Object.keys(ANSWERS));
  await context.globalState.update(ASKED, true);
  const consent = choice === undefined ? undefined : ANSWERS[choice];
  if (consent !== undefined && consent !== "off") {
    await configuration.update("telemetry.consent", consent, vscode.ConfigurationTarget.Global);
  }
}
