/** What the parts of an upgrade verdict may hold: checked in the guest, for its author, and in the worker once more. */

/** RFC 9110, 5.6.2 */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A field name as it crosses. */
export const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** RFC 9110, 5.5: no control characters but tab; what is above U+00FF cannot be sent. */
export const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
export const MIME_TYPE =
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[\t ]*;[\t\x20-\x7e]*)?$/;
/** Unlike any URL: it has no colon. */
export const TARGET_NAME = /^[A-Za-z][\w-]*$/;
/** Of `connect`. */
export const URL_PROTOCOLS: readonly string[] = ["http:", "https:", "ws:", "wss:"];
export const MAX_URL_LENGTH = 8192;

/** Of `attributes`, in characters of JSON. */
export const MAX_ATTRIBUTES = 65_536;
/** How deep plain data goes that crosses: attributes, and what a policy exports. */
export const MAX_JSON_DEPTH = 66;

/** Most fields that a verdict sets or removes in one head, and the characters of all their names and values. */
export const MAX_FIELDS = 256;
export const MAX_FIELDS_LENGTH = 65_536;

/** Of `reject`: an answer that ends the request. */
export const REJECT_STATUS = { min: 300, max: 599 } as const;
