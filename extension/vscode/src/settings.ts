// Settings for the server: only what somebody has set. VS Code would answer with every default, and a default of the
// editor would win over the user's `config.toml` and the folder's `dragoman.toml`.

import * as vscode from "vscode";

interface Manifest {
  contributes: { configuration: { properties: Record<string, unknown> }[] };
}

const SECTION = "dragoman";
/** Settings of the extension itself, which the server does not know. */
const OWN = "dragoman.server.";

/** The section `dragoman` as it was set for the window, nested. No setting has a scope below that (`package.json`). */
export function explicitSettings(): Record<string, unknown> {
  const configuration = vscode.workspace.getConfiguration();
  const values: Record<string, unknown> = {};
  for (const name of serverSettings()) {
    const found = configuration.inspect(name);
    const value = found?.workspaceValue ?? found?.globalValue;
    if (value !== undefined) {
      put(values, name.slice(SECTION.length + 1).split("."), value);
    }
  }
  if (!vscode.env.isTelemetryEnabled) {
    put(values, ["telemetry", "consent"], "off");
  }
  return values;
}

function serverSettings(): string[] {
  const manifest = vscode.extensions.getExtension("dragoman.dragoman")?.packageJSON as Manifest | undefined;
  const names = manifest?.contributes.configuration.flatMap(({ properties }) => Object.keys(properties)) ?? [];
  return names.filter((name) => !name.startsWith(OWN));
}

function put(values: Record<string, unknown>, [first, ...rest]: string[], value: unknown): void {
  if (first === undefined) {
    return;
  }
  if (rest.length === 0) {
    values[first] = value;
  } else {
    const below = (values[first] ??= {}) as Record<string, unknown>;
    put(below, rest, value);
  }
}
