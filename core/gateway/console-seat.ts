import type { Admin, AdminOptions } from "../admin/admin.ts";
import type { Address, ConsoleConfig } from "../config/index.ts";
import { listenError } from "../errors.ts";

/** The place of the console, which is opened at the start: until then, and without one, nobody sits there to be told. */
export interface ConsoleSeat extends Pick<Admin, "observe" | "changed" | "close"> {
  /** Rejects as `openAdmin` does. */
  open(options: Omit<AdminOptions, "config">): Promise<void>;
  /** Undefined without a console. Rejects with a GatewayError, `ERR_LISTEN`. */
  listen(): Promise<Address | undefined>;
}

export function createConsoleSeat(config: ConsoleConfig | false): ConsoleSeat {
  let admin: Admin | undefined;
  return {
    async open(options) {
      if (config === false) return;
      // Half a megabyte of code, which a gateway without a console need not load.
      const { openAdmin } = await import("../admin/admin.ts");
      admin = await openAdmin({ ...options, config });
    },
    async listen() {
      return admin?.listen().catch((error) => {
        throw listenError(error, config === false ? [] : [config]);
      });
    },
    observe: (event) => admin?.observe(event),
    changed: (what) => admin?.changed(what),
    close: () => admin?.close(),
  };
}
