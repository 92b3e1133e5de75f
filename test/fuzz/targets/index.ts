import { dropInRoutes, jsonConfigs, yamlConfigs } from "./files/configs.ts";
import { packages } from "./files/packages.ts";
import { lockfiles, manifests, packArchives, signatures } from "./files/packs.ts";
import { recordings } from "./files/recordings.ts";
import { redactions } from "./files/redactions.ts";
import { sessionFiles } from "./files/session-files.ts";
import { artifacts, sourceNames, sourceSignatures } from "./files/sources.ts";
import { packNames, versionOrder } from "./files/versions.ts";
import { compressedData } from "./peers/deflate.ts";
import { extensionFields, subprotocolField } from "./peers/extensions.ts";
import { frameStream } from "./peers/frames.ts";
import { jsonFilters } from "./peers/json-filters.ts";
import { mqttStream, stompStream } from "./peers/lens-streams.ts";
import { originPatterns, origins } from "./peers/origins.ts";
import { requestPath } from "./peers/paths.ts";
import { proxyHeader } from "./peers/proxy-header.ts";
import { requestHead } from "./peers/request-head.ts";
import { sender } from "./peers/sender.ts";
import { serverAnswer } from "./peers/server-answer.ts";
import { xmlMessages } from "./peers/xml.ts";
import { askTexts } from "./sandbox/asks.ts";
import { hostMessages } from "./sandbox/host-messages.ts";
import { hostStream } from "./sandbox/host-stream.ts";
import { stackTraces } from "./sandbox/stacks.ts";
import { toTheHost } from "./sandbox/to-the-host.ts";
import { verdicts } from "./sandbox/verdicts.ts";

/** All that reads what others have written: clients and servers, sandbox hosts, and files that others made. */
export const targets = [
  ...[frameStream, compressedData, requestHead, requestPath, sender, origins, originPatterns, proxyHeader],
  ...[extensionFields, subprotocolField, serverAnswer, jsonFilters, xmlMessages, mqttStream, stompStream],
  ...[hostStream, hostMessages, verdicts, askTexts, toTheHost, stackTraces],
  ...[jsonConfigs, yamlConfigs, dropInRoutes, manifests, packages, packArchives, lockfiles, signatures],
  ...[versionOrder, packNames, recordings, redactions, sessionFiles, artifacts],
  ...[sourceSignatures, sourceNames],
];
