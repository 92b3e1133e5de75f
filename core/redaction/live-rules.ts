import { compileRedaction, type HeaderList, type RedactionConfig, type RedactionRules } from "./rules.ts";
import type { Span } from "./spans.ts";

/** Rules that can be replaced while they are in use: whoever has them goes by the newest. */
export class LiveRules implements RedactionRules {
  #rules: RedactionRules;

  /** @param config checked: paths and patterns are right */
  constructor(config: RedactionConfig) {
    this.#rules = compileRedaction(config);
  }

  /** @param config checked, as above */
  replace(config: RedactionConfig): void {
    this.#rules = compileRedaction(config);
  }

  get hasPayloadRules(): boolean {
    return this.#rules.hasPayloadRules;
  }

  /** Those of this moment. */
  consistent(): RedactionRules {
    return this.#rules.consistent();
  }

  isSecretHeader(name: string): boolean {
    return this.#rules.isSecretHeader(name);
  }

  isSecretKey(name: string): boolean {
    return this.#rules.isSecretKey(name);
  }

  findSecrets(text: string): Span[] {
    return this.#rules.findSecrets(text);
  }

  redactText(text: string): string {
    return this.#rules.redactText(text);
  }

  redactUrl(url: string): string {
    return this.#rules.redactUrl(url);
  }

  redactHeader(name: string, value: string, subprotocol?: string): string {
    return this.#rules.redactHeader(name, value, subprotocol);
  }

  redactHeaders(headers: HeaderList, subprotocol?: string): [string, string][] {
    return this.#rules.redactHeaders(headers, subprotocol);
  }

  redactAttributes(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.#rules.redactAttributes(attributes);
  }
}
