import type { JsonObject } from "framegate/policy";
import type * as Ocpp from "ocpp-messages/v1.6/index.js";
import type { OcppExchange } from "./messages.ts";

/** By who asks: what the charge point asks, the central system, or both. */
export interface Ocpp16Actions {
  readonly client: {
    readonly Authorize: OcppExchange<Ocpp.AuthorizeRequest, Ocpp.AuthorizeResponse>;
    readonly BootNotification: OcppExchange<Ocpp.BootNotificationRequest, Ocpp.BootNotificationResponse>;
    readonly DiagnosticsStatusNotification: OcppExchange<
      Ocpp.DiagnosticsStatusNotificationRequest,
      Ocpp.DiagnosticsStatusNotificationResponse
    >;
    readonly FirmwareStatusNotification: OcppExchange<
      Ocpp.FirmwareStatusNotificationRequest,
      Ocpp.FirmwareStatusNotificationResponse
    >;
    readonly Heartbeat: OcppExchange<Ocpp.HeartbeatRequest, Ocpp.HeartbeatResponse>;
    readonly MeterValues: OcppExchange<Ocpp.MeterValuesRequest, Ocpp.MeterValuesResponse>;
    readonly StartTransaction: OcppExchange<Ocpp.StartTransactionRequest, Ocpp.StartTransactionResponse>;
    readonly StatusNotification: OcppExchange<
      Ocpp.StatusNotificationRequest,
      Ocpp.StatusNotificationResponse
    >;
    readonly StopTransaction: OcppExchange<Ocpp.StopTransactionRequest, Ocpp.StopTransactionResponse>;
    // Of the security extension, of which the package has no types.
    readonly LogStatusNotification: OcppExchange<JsonObject, JsonObject>;
    readonly SecurityEventNotification: OcppExchange<JsonObject, JsonObject>;
    readonly SignCertificate: OcppExchange<JsonObject, JsonObject>;
    readonly SignedFirmwareStatusNotification: OcppExchange<JsonObject, JsonObject>;
  };
  readonly server: {
    readonly CancelReservation: OcppExchange<Ocpp.CancelReservationRequest, Ocpp.CancelReservationResponse>;
    readonly ChangeAvailability: OcppExchange<
      Ocpp.ChangeAvailabilityRequest,
      Ocpp.ChangeAvailabilityResponse
    >;
    readonly ChangeConfiguration: OcppExchange<
      Ocpp.ChangeConfigurationRequest,
      Ocpp.ChangeConfigurationResponse
    >;
    readonly ClearCache: OcppExchange<Ocpp.ClearCacheRequest, Ocpp.ClearCacheResponse>;
    readonly ClearChargingProfile: OcppExchange<
      Ocpp.ClearChargingProfileRequest,
      Ocpp.ClearChargingProfileResponse
    >;
    readonly GetCompositeSchedule: OcppExchange<
      Ocpp.GetCompositeScheduleRequest,
      Ocpp.GetCompositeScheduleResponse
    >;
    readonly GetConfiguration: OcppExchange<Ocpp.GetConfigurationRequest, Ocpp.GetConfigurationResponse>;
    readonly GetDiagnostics: OcppExchange<Ocpp.GetDiagnosticsRequest, Ocpp.GetDiagnosticsResponse>;
    readonly GetLocalListVersion: OcppExchange<
      Ocpp.GetLocalListVersionRequest,
      Ocpp.GetLocalListVersionResponse
    >;
    readonly RemoteStartTransaction: OcppExchange<
      Ocpp.RemoteStartTransactionRequest,
      Ocpp.RemoteStartTransactionResponse
    >;
    readonly RemoteStopTransaction: OcppExchange<
      Ocpp.RemoteStopTransactionRequest,
      Ocpp.RemoteStopTransactionResponse
    >;
    readonly ReserveNow: OcppExchange<Ocpp.ReserveNowRequest, Ocpp.ReserveNowResponse>;
    readonly Reset: OcppExchange<Ocpp.ResetRequest, Ocpp.ResetResponse>;
    readonly SendLocalList: OcppExchange<Ocpp.SendLocalListRequest, Ocpp.SendLocalListResponse>;
    readonly SetChargingProfile: OcppExchange<
      Ocpp.SetChargingProfileRequest,
      Ocpp.SetChargingProfileResponse
    >;
    readonly TriggerMessage: OcppExchange<Ocpp.TriggerMessageRequest, Ocpp.TriggerMessageResponse>;
    readonly UnlockConnector: OcppExchange<Ocpp.UnlockConnectorRequest, Ocpp.UnlockConnectorResponse>;
    readonly UpdateFirmware: OcppExchange<Ocpp.UpdateFirmwareRequest, Ocpp.UpdateFirmwareResponse>;
    // Of the security extension, of which the package has no types.
    readonly CertificateSigned: OcppExchange<JsonObject, JsonObject>;
    readonly DeleteCertificate: OcppExchange<JsonObject, JsonObject>;
    readonly ExtendedTriggerMessage: OcppExchange<JsonObject, JsonObject>;
    readonly GetInstalledCertificateIds: OcppExchange<JsonObject, JsonObject>;
    readonly GetLog: OcppExchange<JsonObject, JsonObject>;
    readonly InstallCertificate: OcppExchange<JsonObject, JsonObject>;
    readonly SignedUpdateFirmware: OcppExchange<JsonObject, JsonObject>;
  };
  readonly both: {
    readonly DataTransfer: OcppExchange<Ocpp.DataTransferRequest, Ocpp.DataTransferResponse>;
  };
}

/** The names of the same. */
export const OCPP16_ACTIONS = {
  client: [
    "Authorize",
    "BootNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
    "LogStatusNotification",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
  ],
  server: [
    "CancelReservation",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearChargingProfile",
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetDiagnostics",
    "GetLocalListVersion",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "TriggerMessage",
    "UnlockConnector",
    "UpdateFirmware",
    "CertificateSigned",
    "DeleteCertificate",
    "ExtendedTriggerMessage",
    "GetInstalledCertificateIds",
    "GetLog",
    "InstallCertificate",
    "SignedUpdateFirmware",
  ],
  both: ["DataTransfer"],
} as const satisfies { readonly [Side in keyof Ocpp16Actions]: readonly (keyof Ocpp16Actions[Side])[] };
