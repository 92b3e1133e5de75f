// Written by scripts/write-standard.ts from the schemas of the policies: edit those.
// biome-ignore-all format: a script cannot know how long lines are broken

/** What a config may give as `options` to policies of the packs that come with the gateway. */
export interface OwnPolicyOptions {
  readonly "@framegate/standard/api-key": {
    /** The keys: `id`, `sha256` of the key in hexadecimal, and optionally `attributes` that it brings and `expires`, such as `2027-01-31`. */
    readonly keys: readonly {
      readonly id: string;
      readonly sha256: string;
      readonly attributes?: {
        readonly [option: string]: unknown;
      };
      readonly expires?: string;
    }[];
    /** Where the key is: names of a `header`, a `cookie` or a `parameter` of the query, or as `subprotocol` what stands before it in Sec-WebSocket-Protocol. Default: `{"header":"x-api-key"}`. */
    readonly from?: {
      readonly header?: string;
      readonly cookie?: string;
      readonly parameter?: string;
      readonly subprotocol?: string;
    };
    /** The attribute that gets the key's `id`. Default: `"apiKey"`. */
    readonly attribute?: string;
    /** Whether the server gets the key too. One in the query it gets in any case. Default: `false`. */
    readonly forward?: boolean;
  };
  readonly "@framegate/standard/audit": {
    /** What every line has of the connection: names, and places such as `attributes.user` or `headers.user-agent`. Default: `{"address":"client.address"}`. */
    readonly connection?: {
      readonly [option: string]: string;
    };
    /** What a message's line has of it: names, and JSONPaths (RFC 9535) such as `$.type`. Only texts, numbers and booleans are written. Default: `{}`. */
    readonly fields?: {
      readonly [option: string]: string;
    };
    /** The level of the lines. Default: `"info"`. */
    readonly level?: "debug" | "info" | "warn";
  };
  readonly "@framegate/standard/basic-auth": {
    /** Who is let in: `name`, `salt`, and `sha256` of `SALT:PASSWORD` in hexadecimal. */
    readonly users: readonly {
      readonly name: string;
      readonly salt: string;
      readonly sha256: string;
    }[];
    /** What a browser shows when it asks for the password. Default: `"framegate"`. */
    readonly realm?: string;
    /** The attribute that gets the name. Default: `"user"`. */
    readonly attribute?: string;
    /** Whether the server gets the Authorization header too. Default: `false`. */
    readonly forward?: boolean;
  };
  readonly "@framegate/standard/block-patterns": {
    /** Patterns (RE2) by the names that refusals and the log give them, such as `{ sql: "(?i)union\\s+select" }`. In JSON they are looked for in each key and text as well, with its escapes resolved. */
    readonly patterns: {
      readonly [option: string]: string;
    };
    /** What becomes of a binary message that is no UTF-8, in which nothing can be found. Default: `"refuse"`. */
    readonly unreadable?: "refuse" | "pass";
    /** What becomes of a message that may not pass: `close` ends the connection, `drop` leaves it out, `reply` leaves it out and tells its sender why. Default: `"close"`. */
    readonly onViolation?: "close" | "drop" | "reply";
    /** The code of that Close. Default: `1008`. */
    readonly closeCode?: number;
  };
  readonly "@framegate/standard/client-certificate": {
    /** Common names (CN), one of which the subject must have. `*` is any run of characters. */
    readonly subjects?: readonly string[];
    /** Alternative names with their kind, one of which it must have: `DNS:*.example.org`, `URI:spiffe://example.org/*`. */
    readonly names?: readonly string[];
    /** Common names of authorities, one of which must have signed it. */
    readonly issuers?: readonly string[];
    /** SHA-256 fingerprints, one of which it must have; hexadecimal, with colons or without. */
    readonly fingerprints?: readonly string[];
    /** The attribute that gets `subject` (the common name), `names` and `fingerprint`. Default: `"certificate"`. */
    readonly attribute?: string;
  };
  readonly "@framegate/standard/first-message-auth": {
    /** The tokens that are let in: `id` and `sha256`, and optionally `expires`. */
    readonly keys: readonly {
      readonly id: string;
      readonly sha256: string;
      readonly attributes?: {
        readonly [option: string]: unknown;
      };
      readonly expires?: string;
    }[];
    /** The `type` of the first message: `{ "type": "auth", "token": "…" }`. Default: `"auth"`. */
    readonly type?: string;
    /** Whether the server gets `{ "type": "auth", "user": ID }` in place of that message; else it gets nothing. Default: `false`. */
    readonly announce?: boolean;
    /** The code of the Close when the first message is another, or the token is not valid. Default: `4401`. */
    readonly closeCode?: number;
  };
  readonly "@framegate/standard/headers": {
    /** For the server: each header with its value, or `null` to remove it. `{attributes.user}`, `{client.address}`, `{params.room}`, `{query.v}`, `{headers.host}` and `{id}` stand for what is there; where one is missing, the header is removed. Default: `{}`. */
    readonly request?: {
      readonly [option: string]: string | null;
    };
    /** The same for the 101 that the client gets. Default: `{}`. */
    readonly response?: {
      readonly [option: string]: string | null;
    };
  };
  readonly "@framegate/standard/ip-allow": {
    /** Who may connect: addresses and ranges, such as `10.0.0.0/8` or `2001:db8::/32`. Without it, everybody whom `deny` does not name. */
    readonly allow?: readonly string[];
    /** Who may not, also where `allow` names them. Default: `[]`. */
    readonly deny?: readonly string[];
  };
  readonly "@framegate/standard/json-limits": {
    /** Levels of arrays and objects. Default: `32`. */
    readonly depth?: number;
    /** Keys of one object. Default: `256`. */
    readonly keys?: number;
    /** Items of one array. Default: `4096`. */
    readonly items?: number;
    /** Characters of a key, as they are written. Default: `128`. */
    readonly keyLength?: number;
    /** Characters of a string, as they are written. Default: `65536`. */
    readonly stringLength?: number;
    /** Whether a key may come twice in an object. Readers differ in which of the two they take. Default: `false`. */
    readonly duplicateKeys?: boolean;
    /** What becomes of a message that may not pass: `close` ends the connection, `drop` leaves it out, `reply` leaves it out and tells its sender why. Default: `"close"`. */
    readonly onViolation?: "close" | "drop" | "reply";
    /** The code of that Close. Default: `1008`. */
    readonly closeCode?: number;
  };
  readonly "@framegate/standard/json-schema": {
    /** The schema of the client's messages. Without it, all pass. */
    readonly client?: {
      readonly [option: string]: unknown;
    } | boolean;
    /** The schema of the server's messages. Without it, all pass. */
    readonly server?: {
      readonly [option: string]: unknown;
    } | boolean;
    /** The version of JSON Schema that they are written in. Default: `"2020-12"`. */
    readonly draft?: "7" | "2019-09" | "2020-12";
    /** What becomes of a message that may not pass: `close` ends the connection, `drop` leaves it out, `reply` leaves it out and tells its sender why. Default: `"close"`. */
    readonly onViolation?: "close" | "drop" | "reply";
    /** The code of that Close. Default: `1008`. */
    readonly closeCode?: number;
  };
  readonly "@framegate/standard/json-transform": {
    /** What is done to the client's messages, in order: `{ set: "$.path.name", value }`, `{ set: "$.path.name", from: "attributes.user" }`, `{ remove: "$.path" }` or `{ rename: "$.path", to: "name" }`. Paths are JSONPaths (RFC 9535) and may stand for many places. Default: `[]`. */
    readonly client?: readonly ({
      readonly set: string;
      readonly value: unknown;
    } | {
      readonly set: string;
      readonly from: string;
    } | {
      readonly remove: string;
    } | {
      readonly rename: string;
      readonly to: string;
    })[];
    /** The same for the server's messages. Default: `[]`. */
    readonly server?: readonly ({
      readonly set: string;
      readonly value: unknown;
    } | {
      readonly set: string;
      readonly from: string;
    } | {
      readonly remove: string;
    } | {
      readonly rename: string;
      readonly to: string;
    })[];
    /** What becomes of a message that is no JSON: `close` ends the connection (1007). Default: `"close"`. */
    readonly unreadable?: "close" | "pass";
  };
  readonly "@framegate/standard/jwt": {
    /** Which signatures are taken, and no others: with `secret` of HS256, HS384 and HS512, else of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA and Ed25519. There is no `none`. */
    readonly algorithms: readonly ("HS256" | "HS384" | "HS512" | "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519")[];
    /** The URL of the issuer's keys (JWKS). They are kept for ten minutes, and fetched anew for a key id that is not among them. */
    readonly jwks?: string;
    /** In place of `jwks`: the public keys themselves, as JWKs. */
    readonly keys?: readonly ({
      readonly kty: "RSA" | "EC" | "OKP";
      readonly [option: string]: unknown;
    })[];
    /** In place of `jwks`: the name of a secret that the issuer shares, of at least 32 bytes. */
    readonly secret?: string;
    /** Who must have issued the token (`iss`); of a list, one. */
    readonly issuer: string | readonly string[];
    /** For whom it must be (`aud`); of a list, one. Without it, for anybody. */
    readonly audience?: string | readonly string[];
    /** Claims that must be there. Default: `["exp"]`. */
    readonly required?: readonly string[];
    /** What the token's header must have as `typ`, such as `at+jwt`. */
    readonly typ?: string;
    /** Where the token is: names of a `header`, a `cookie` or a `parameter` of the query, or as `subprotocol` what stands before it in Sec-WebSocket-Protocol. Default: `{"header":"authorization"}`. */
    readonly from?: {
      readonly header?: string;
      readonly cookie?: string;
      readonly parameter?: string;
      readonly subprotocol?: string;
    };
    /** Scopes that the token must have, all of them. Without one, the client gets 403. Default: `[]`. */
    readonly scopes?: readonly string[];
    /** Attributes, and the claims that they get. `org.id` is the claim `id` within the claim `org`. Default: `{"user":"sub"}`. */
    readonly attributes?: {
      readonly [option: string]: string;
    };
    /** Seconds by which the clocks of the issuer and the gateway may differ. Default: `5`. */
    readonly clockTolerance?: number;
    /** Whether the server gets the token too. One in the query it gets in any case. Default: `false`. */
    readonly forward?: boolean;
  };
  readonly "@framegate/standard/jwt-renewable": {
    /** Which signatures are taken, and no others: with `secret` of HS256, HS384 and HS512, else of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA and Ed25519. There is no `none`. */
    readonly algorithms: readonly ("HS256" | "HS384" | "HS512" | "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519")[];
    /** The URL of the issuer's keys (JWKS). They are kept for ten minutes, and fetched anew for a key id that is not among them. */
    readonly jwks?: string;
    /** In place of `jwks`: the public keys themselves, as JWKs. */
    readonly keys?: readonly ({
      readonly kty: "RSA" | "EC" | "OKP";
      readonly [option: string]: unknown;
    })[];
    /** In place of `jwks`: the name of a secret that the issuer shares, of at least 32 bytes. */
    readonly secret?: string;
    /** Who must have issued the token (`iss`); of a list, one. */
    readonly issuer: string | readonly string[];
    /** For whom it must be (`aud`); of a list, one. Without it, for anybody. */
    readonly audience?: string | readonly string[];
    /** Claims that must be there. Default: `["exp"]`. */
    readonly required?: readonly string[];
    /** What the token's header must have as `typ`, such as `at+jwt`. */
    readonly typ?: string;
    /** Where the token is: names of a `header`, a `cookie` or a `parameter` of the query, or as `subprotocol` what stands before it in Sec-WebSocket-Protocol. Default: `{"header":"authorization"}`. */
    readonly from?: {
      readonly header?: string;
      readonly cookie?: string;
      readonly parameter?: string;
      readonly subprotocol?: string;
    };
    /** Scopes that the token must have, all of them. Without one, the client gets 403. Default: `[]`. */
    readonly scopes?: readonly string[];
    /** Attributes, and the claims that they get. `org.id` is the claim `id` within the claim `org`. Default: `{"user":"sub"}`. */
    readonly attributes?: {
      readonly [option: string]: string;
    };
    /** Seconds by which the clocks of the issuer and the gateway may differ. Default: `5`. */
    readonly clockTolerance?: number;
    /** Whether the server gets the token too. One in the query it gets in any case. Default: `false`. */
    readonly forward?: boolean;
    /** The `type` of the message with a newer token: `{ "type": "authenticate", "token": "…" }`. Default: `"authenticate"`. */
    readonly renewal?: string;
    /** Seconds before the expiry at which the client is told of it: `{ "type": "authenticate", "expires": … }`. With 0 it is not. Default: `0`. */
    readonly warnBefore?: number;
    /** Seconds until the connection is closed when an operator asks it to re-authenticate, unless a newer token has come. Default: `30`. */
    readonly renewWithin?: number;
  };
  readonly "@framegate/standard/oauth-introspect": {
    /** The introspection endpoint. */
    readonly url: string;
    /** Who the gateway is to it. */
    readonly clientId: string;
    /** The name of the secret that proves it. */
    readonly clientSecret: string;
    /** For whom the token must be (`aud`). Without it, for anybody. */
    readonly audience?: string;
    /** Seconds that an answer is good for. A token that is revoked is let in for so long; 0 asks each time. Default: `30`. */
    readonly cache?: number;
    /** Where the token is: names of a `header`, a `cookie` or a `parameter` of the query, or as `subprotocol` what stands before it in Sec-WebSocket-Protocol. Default: `{"header":"authorization"}`. */
    readonly from?: {
      readonly header?: string;
      readonly cookie?: string;
      readonly parameter?: string;
      readonly subprotocol?: string;
    };
    /** Scopes that the token must have, all of them. Without one, the client gets 403. Default: `[]`. */
    readonly scopes?: readonly string[];
    /** Attributes, and the claims that they get. `org.id` is the claim `id` within the claim `org`. Default: `{"user":"sub"}`. */
    readonly attributes?: {
      readonly [option: string]: string;
    };
    /** Seconds by which the clocks of the issuer and the gateway may differ. Default: `5`. */
    readonly clockTolerance?: number;
    /** Whether the server gets the token too. One in the query it gets in any case. Default: `false`. */
    readonly forward?: boolean;
  };
  readonly "@framegate/standard/rate-limit": {
    /** Messages of a client's. */
    readonly rate: number;
    /** The time for so many. Default: `"second"`. */
    readonly per?: "second" | "minute" | "hour";
    /** How many may come at once after a silence. Without it, as many as `rate`, and at least one; with `by` a whole number. */
    readonly burst?: number;
    /** Whose messages are counted together, over all connections and machines: `attributes.user`, say. Without it, those of each connection. */
    readonly by?: string;
    /** With `by`, while the store of the `cluster` cannot be asked: each machine lets its share of the rate pass, no message, or all of them. Default: `"local"`. */
    readonly onStoreLoss?: "local" | "closed" | "open";
    /** What becomes of a message that may not pass: `close` ends the connection, `drop` leaves it out, `reply` leaves it out and tells its sender why. Default: `"close"`. */
    readonly onViolation?: "close" | "drop" | "reply";
    /** The code of that Close. Default: `1008`. */
    readonly closeCode?: number;
  };
  readonly "@framegate/standard/redact": {
    /** JSONPaths (RFC 9535) of values to hide, such as `$.user.phone` or `$..token`. Default: `[]`. */
    readonly paths?: readonly string[];
    /** Names of keys whose values are hidden wherever they are, in any case. Default: `[]`. */
    readonly keys?: readonly string[];
    /** What is hidden in all texts: `card`, numbers of payment cards with the right check digit (Luhn), and `email`. Default: `[]`. */
    readonly find?: readonly ("card" | "email")[];
    /** Patterns (RE2) of what is hidden in all texts, such as `\bsk_live_\w+`. Default: `[]`. */
    readonly patterns?: readonly string[];
    /** What stands there in its place. Default: `"***"`. */
    readonly mask?: string;
    /** What becomes of a binary message that is no UTF-8, in which nothing can be found: `close` ends the connection (1003). Default: `"close"`. */
    readonly unreadable?: "close" | "pass";
  };
  readonly "@framegate/standard/route-by": {
    /** What decides: `headers.NAME`, `query.NAME`, `params.NAME`, `attributes.NAME` (a claim, say), or `client.address`. With `weights`, connections with the same value go to the same server. */
    readonly by?: string;
    /** The server for each value: the name of one of the config's `upstreams`, or a URL that the config allows. */
    readonly routes?: {
      readonly [option: string]: string;
    };
    /** In place of `routes`: the share of each server. */
    readonly weights?: {
      readonly [option: string]: number;
    };
    /** The server for other values, and for none. Without it, such connections are refused with 404. */
    readonly otherwise?: string;
  };
  readonly "@framegate/standard/subprotocol-auth": {
    /** What stands before the token in its entry of Sec-WebSocket-Protocol. Default: `"bearer."`. */
    readonly prefix?: string;
    /** How the token is written there. `base64url` is for tokens with characters that a subprotocol cannot have. Default: `"plain"`. */
    readonly encoding?: "plain" | "base64url";
    /** The tokens that are let in: `id` and `sha256`, and optionally `attributes` and `expires`. */
    readonly keys?: readonly {
      readonly id: string;
      readonly sha256: string;
      readonly attributes?: {
        readonly [option: string]: unknown;
      };
      readonly expires?: string;
    }[];
    /** Whether the server gets the token as `Authorization: Bearer TOKEN`. Default: `false`. */
    readonly authorization?: boolean;
    /** The attribute that gets the `id` of the token's entry in `keys`. Default: `"user"`. */
    readonly attribute?: string;
  };
  readonly "@framegate/xml/limits": {
    /** Characters of a message. Default: `262144`. */
    readonly size?: number;
    /** Levels of elements. Default: `32`. */
    readonly depth?: number;
    /** Elements of a message. Default: `4096`. */
    readonly elements?: number;
    /** Attributes of one element, with those that declare namespaces. Default: `64`. */
    readonly attributes?: number;
    /** Characters of a name of an element or attribute, with its prefix. Default: `128`. */
    readonly nameLength?: number;
    /** Characters of an attribute's value. Default: `4096`. */
    readonly attributeLength?: number;
    /** Characters of a text, a CDATA section, a comment or a processing instruction. Default: `65536`. */
    readonly textLength?: number;
    /** Whether there may be comments. Default: `true`. */
    readonly comments?: boolean;
    /** Whether there may be processing instructions. Some of them make a reader fetch style sheets. Default: `false`. */
    readonly instructions?: boolean;
    /** What becomes of a message that may not pass: `close` ends the connection, `drop` leaves it out, `reply` leaves it out and tells its sender why. Default: `"close"`. */
    readonly onViolation?: "close" | "drop" | "reply";
    /** The code of that Close. Default: `1008`. */
    readonly closeCode?: number;
  };
  readonly "@framegate/xml/redact": {
    /** Paths (a part of XPath) of what is hidden: the content of elements, such as `//card` or `/order/payment[@type='card']`, attributes, `//user/@phone`, or texts, `//note/text()`. Default: `[]`. */
    readonly paths?: readonly string[];
    /** What the prefixes in `paths` stand for, such as `{ s: "urn:shop" }`. An empty prefix stands for elements that have none in a path; without it, they are in no namespace. Default: `{}`. */
    readonly namespaces?: {
      readonly [option: string]: string;
    };
    /** Names of elements and attributes that are hidden wherever they are, in any case and any namespace: without a prefix. Default: `[]`. */
    readonly keys?: readonly string[];
    /** What is hidden in all texts: `card`, numbers of payment cards with the right check digit (Luhn), and `email`. Default: `[]`. */
    readonly find?: readonly ("card" | "email")[];
    /** Patterns (RE2) of what is hidden in all texts, such as `\bsk_live_\w+`. Default: `[]`. */
    readonly patterns?: readonly string[];
    /** What stands there in its place. Default: `"***"`. */
    readonly mask?: string;
    /** Characters of a message in XML. What is longer ends the connection (1008), as what has more elements or attributes does. Default: `262144`. */
    readonly size?: number;
    /** Elements of a message. Default: `4096`. */
    readonly elements?: number;
    /** Attributes of one element, with those that declare namespaces. Default: `64`. */
    readonly attributes?: number;
    /** What becomes of a message that is no well-formed XML, in which nothing can be found: `close` ends the connection (1007). Default: `"close"`. */
    readonly unreadable?: "close" | "pass";
  };
}
