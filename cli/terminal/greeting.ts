import { once } from "node:events";
import type { Gateway, GatewayConfig } from "../../core/index.ts";
import { tokenFragment } from "../console-token.ts";
import type { GatewayFlags } from "../gateway-options.ts";
import type { Debugging } from "../inspector/debugging.ts";
import { consoleUrl, describeGateway } from "../welcome.ts";
import { type Keyboard, listenForKeys } from "./keyboard.ts";
import { KEY_HELP, type Key } from "./keys.ts";
import type { Terminal } from "./terminal.ts";

export interface Greeted {
  readonly gateway: Gateway;
  readonly config: GatewayConfig;
  readonly options: Pick<GatewayFlags, "echo">;
  readonly debugging: Debugging | undefined;
  readonly token: string;
  /** Read config and policies again. */
  reload(): void;
}

/** Says where the gateway is, and does from then on what keys ask for, where there is a keyboard. */
export function greet(terminal: Terminal, greeted: Greeted): Keyboard | undefined {
  const { gateway, config, options, debugging, token } = greeted;
  const { addresses } = gateway;
  const fragment = tokenFragment(config, token);
  const console = addresses.console && consoleUrl(config, addresses.console, fragment);
  const keyboard = listenForKeys((key) =>
    press(key, terminal, { reload: greeted.reload, describe, console }),
  );

  function describe(tookMs?: number): void {
    terminal.write(
      describeGateway({
        ...{ addresses, config, fragment, echo: options.echo },
        policies: gateway.policies(),
        troubles: terminal.wording.troubles.list(),
        ...(tookMs !== undefined && { tookMs }),
        hasKeys: keyboard?.hasKeys() ?? false,
        paint: terminal.paint,
      }),
    );
  }

  describe(performance.now());
  if (debugging) terminal.write(debugging.describe(gateway.policies().map(({ name }) => name)));
  return keyboard;
}

interface Pressed {
  reload(): void;
  /** Says where the gateway is. */
  describe(): void;
  /** Its address; undefined: there is none. */
  readonly console: string | undefined;
}

function press(key: Key, { write, logger }: Terminal, { reload, describe, console }: Pressed): void {
  switch (key) {
    case "help":
      return write(KEY_HELP);
    case "reload":
      logger.info("reading the config and all policies again");
      return reload();
    case "urls":
      return describe();
    case "clear":
      return write("\u001b[2J\u001b[3J\u001b[H");
    case "open":
      if (console === undefined) return logger.warn("there is no console: the config says `console: false`");
      return void openPage(console).catch((error: Error) =>
        logger.warn(`no browser could be opened (${error.message}): u shows the console's address`),
      );
    case "quit":
    case "interrupt":
      return void process.kill(process.pid, "SIGINT");
    case "suspend":
      return;
  }
}

/** Rejects where no browser came up, as far as what starts one tells; without one it may wait for as long as it is open. */
async function openPage(url: string): Promise<void> {
  const { default: open } = await import("open");
  const opener = await open(url);
  const [code] = (await once(opener, "exit")) as [number | null];
  if (code !== 0 && code !== null) throw new Error(`what starts it ended with ${code}`);
}
