import type { CertificateRenewals } from "../../acme/certificate-renewals.ts";
import type { ChallengeAnswers } from "../../acme/order.ts";
import type { ListenerConfig } from "../../config/index.ts";
import type { Logger } from "../../log.ts";

/** The certificates that listeners have by ACME. Nothing of it is loaded where none has. */
export interface CertificateOrders {
  follow(listen: readonly ListenerConfig[]): void;
  close(): void;
}

export interface CertificateOrdersOptions {
  answer(answers: ChallengeAnswers): Promise<void>;
  readonly logger: Logger;
}

export function createCertificateOrders(options: CertificateOrdersOptions): CertificateOrders {
  let renewals: Promise<CertificateRenewals> | undefined;
  let isClosed = false;

  return {
    follow(listen) {
      const wanted = listen.flatMap(({ tls }) => tls?.acme ?? []);
      if (wanted.length === 0 && renewals === undefined) return;
      renewals ??= load();
      void renewals.then((loaded) => !isClosed && loaded.follow(wanted));
    },
    close() {
      isClosed = true;
      void renewals?.then((loaded) => loaded.close());
    },
  };

  async function load(): Promise<CertificateRenewals> {
    const { createCertificateRenewals } = await import("../../acme/certificate-renewals.ts");
    return createCertificateRenewals(options);
  }
}
