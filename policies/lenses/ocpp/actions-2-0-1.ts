import type * as Ocpp from "ocpp-messages/v2.0/index.js";
import type { OcppExchange } from "./messages.ts";

/** By who asks: what the charging station asks, the CSMS, or both. */
export interface Ocpp201Actions {
  readonly client: {
    readonly Authorize: OcppExchange<Ocpp.AuthorizeRequest, Ocpp.AuthorizeResponse>;
    readonly BootNotification: OcppExchange<Ocpp.BootNotificationRequest, Ocpp.BootNotificationResponse>;
    readonly ClearedChargingLimit: OcppExchange<
      Ocpp.ClearedChargingLimitRequest,
      Ocpp.ClearedChargingLimitResponse
    >;
    readonly FirmwareStatusNotification: OcppExchange<
      Ocpp.FirmwareStatusNotificationRequest,
      Ocpp.FirmwareStatusNotificationResponse
    >;
    readonly Get15118EVCertificate: OcppExchange<
      Ocpp.Get15118EVCertificateRequest,
      Ocpp.Get15118EVCertificateResponse
    >;
    readonly GetCertificateStatus: OcppExchange<
      Ocpp.GetCertificateStatusRequest,
      Ocpp.GetCertificateStatusResponse
    >;
    readonly Heartbeat: OcppExchange<Ocpp.HeartbeatRequest, Ocpp.HeartbeatResponse>;
    readonly LogStatusNotification: OcppExchange<
      Ocpp.LogStatusNotificationRequest,
      Ocpp.LogStatusNotificationResponse
    >;
    readonly MeterValues: OcppExchange<Ocpp.MeterValuesRequest, Ocpp.MeterValuesResponse>;
    readonly NotifyChargingLimit: OcppExchange<
      Ocpp.NotifyChargingLimitRequest,
      Ocpp.NotifyChargingLimitResponse
    >;
    readonly NotifyCustomerInformation: OcppExchange<
      Ocpp.NotifyCustomerInformationRequest,
      Ocpp.NotifyCustomerInformationResponse
    >;
    readonly NotifyDisplayMessages: OcppExchange<
      Ocpp.NotifyDisplayMessagesRequest,
      Ocpp.NotifyDisplayMessagesResponse
    >;
    readonly NotifyEVChargingNeeds: OcppExchange<
      Ocpp.NotifyEVChargingNeedsRequest,
      Ocpp.NotifyEVChargingNeedsResponse
    >;
    readonly NotifyEVChargingSchedule: OcppExchange<
      Ocpp.NotifyEVChargingScheduleRequest,
      Ocpp.NotifyEVChargingScheduleResponse
    >;
    readonly NotifyEvent: OcppExchange<Ocpp.NotifyEventRequest, Ocpp.NotifyEventResponse>;
    readonly NotifyMonitoringReport: OcppExchange<
      Ocpp.NotifyMonitoringReportRequest,
      Ocpp.NotifyMonitoringReportResponse
    >;
    readonly NotifyReport: OcppExchange<Ocpp.NotifyReportRequest, Ocpp.NotifyReportResponse>;
    readonly PublishFirmwareStatusNotification: OcppExchange<
      Ocpp.PublishFirmwareStatusNotificationRequest,
      Ocpp.PublishFirmwareStatusNotificationResponse
    >;
    readonly ReportChargingProfiles: OcppExchange<
      Ocpp.ReportChargingProfilesRequest,
      Ocpp.ReportChargingProfilesResponse
    >;
    readonly ReservationStatusUpdate: OcppExchange<
      Ocpp.ReservationStatusUpdateRequest,
      Ocpp.ReservationStatusUpdateResponse
    >;
    readonly SecurityEventNotification: OcppExchange<
      Ocpp.SecurityEventNotificationRequest,
      Ocpp.SecurityEventNotificationResponse
    >;
    readonly SignCertificate: OcppExchange<Ocpp.SignCertificateRequest, Ocpp.SignCertificateResponse>;
    readonly StatusNotification: OcppExchange<
      Ocpp.StatusNotificationRequest,
      Ocpp.StatusNotificationResponse
    >;
    readonly TransactionEvent: OcppExchange<Ocpp.TransactionEventRequest, Ocpp.TransactionEventResponse>;
  };
  readonly server: {
    readonly CancelReservation: OcppExchange<Ocpp.CancelReservationRequest, Ocpp.CancelReservationResponse>;
    readonly CertificateSigned: OcppExchange<Ocpp.CertificateSignedRequest, Ocpp.CertificateSignedResponse>;
    readonly ChangeAvailability: OcppExchange<
      Ocpp.ChangeAvailabilityRequest,
      Ocpp.ChangeAvailabilityResponse
    >;
    readonly ClearCache: OcppExchange<Ocpp.ClearCacheRequest, Ocpp.ClearCacheResponse>;
    readonly ClearChargingProfile: OcppExchange<
      Ocpp.ClearChargingProfileRequest,
      Ocpp.ClearChargingProfileResponse
    >;
    readonly ClearDisplayMessage: OcppExchange<
      Ocpp.ClearDisplayMessageRequest,
      Ocpp.ClearDisplayMessageResponse
    >;
    readonly ClearVariableMonitoring: OcppExchange<
      Ocpp.ClearVariableMonitoringRequest,
      Ocpp.ClearVariableMonitoringResponse
    >;
    readonly CostUpdated: OcppExchange<Ocpp.CostUpdatedRequest, Ocpp.CostUpdatedResponse>;
    readonly CustomerInformation: OcppExchange<
      Ocpp.CustomerInformationRequest,
      Ocpp.CustomerInformationResponse
    >;
    readonly DeleteCertificate: OcppExchange<Ocpp.DeleteCertificateRequest, Ocpp.DeleteCertificateResponse>;
    readonly GetBaseReport: OcppExchange<Ocpp.GetBaseReportRequest, Ocpp.GetBaseReportResponse>;
    readonly GetChargingProfiles: OcppExchange<
      Ocpp.GetChargingProfilesRequest,
      Ocpp.GetChargingProfilesResponse
    >;
    readonly GetCompositeSchedule: OcppExchange<
      Ocpp.GetCompositeScheduleRequest,
      Ocpp.GetCompositeScheduleResponse
    >;
    readonly GetDisplayMessages: OcppExchange<
      Ocpp.GetDisplayMessagesRequest,
      Ocpp.GetDisplayMessagesResponse
    >;
    readonly GetInstalledCertificateIds: OcppExchange<
      Ocpp.GetInstalledCertificateIdsRequest,
      Ocpp.GetInstalledCertificateIdsResponse
    >;
    readonly GetLocalListVersion: OcppExchange<
      Ocpp.GetLocalListVersionRequest,
      Ocpp.GetLocalListVersionResponse
    >;
    readonly GetLog: OcppExchange<Ocpp.GetLogRequest, Ocpp.GetLogResponse>;
    readonly GetMonitoringReport: OcppExchange<
      Ocpp.GetMonitoringReportRequest,
      Ocpp.GetMonitoringReportResponse
    >;
    readonly GetReport: OcppExchange<Ocpp.GetReportRequest, Ocpp.GetReportResponse>;
    readonly GetTransactionStatus: OcppExchange<
      Ocpp.GetTransactionStatusRequest,
      Ocpp.GetTransactionStatusResponse
    >;
    readonly GetVariables: OcppExchange<Ocpp.GetVariablesRequest, Ocpp.GetVariablesResponse>;
    readonly InstallCertificate: OcppExchange<
      Ocpp.InstallCertificateRequest,
      Ocpp.InstallCertificateResponse
    >;
    readonly PublishFirmware: OcppExchange<Ocpp.PublishFirmwareRequest, Ocpp.PublishFirmwareResponse>;
    readonly RequestStartTransaction: OcppExchange<
      Ocpp.RequestStartTransactionRequest,
      Ocpp.RequestStartTransactionResponse
    >;
    readonly RequestStopTransaction: OcppExchange<
      Ocpp.RequestStopTransactionRequest,
      Ocpp.RequestStopTransactionResponse
    >;
    readonly ReserveNow: OcppExchange<Ocpp.ReserveNowRequest, Ocpp.ReserveNowResponse>;
    readonly Reset: OcppExchange<Ocpp.ResetRequest, Ocpp.ResetResponse>;
    readonly SendLocalList: OcppExchange<Ocpp.SendLocalListRequest, Ocpp.SendLocalListResponse>;
    readonly SetChargingProfile: OcppExchange<
      Ocpp.SetChargingProfileRequest,
      Ocpp.SetChargingProfileResponse
    >;
    readonly SetDisplayMessage: OcppExchange<Ocpp.SetDisplayMessageRequest, Ocpp.SetDisplayMessageResponse>;
    readonly SetMonitoringBase: OcppExchange<Ocpp.SetMonitoringBaseRequest, Ocpp.SetMonitoringBaseResponse>;
    readonly SetMonitoringLevel: OcppExchange<
      Ocpp.SetMonitoringLevelRequest,
      Ocpp.SetMonitoringLevelResponse
    >;
    readonly SetNetworkProfile: OcppExchange<Ocpp.SetNetworkProfileRequest, Ocpp.SetNetworkProfileResponse>;
    readonly SetVariableMonitoring: OcppExchange<
      Ocpp.SetVariableMonitoringRequest,
      Ocpp.SetVariableMonitoringResponse
    >;
    readonly SetVariables: OcppExchange<Ocpp.SetVariablesRequest, Ocpp.SetVariablesResponse>;
    readonly TriggerMessage: OcppExchange<Ocpp.TriggerMessageRequest, Ocpp.TriggerMessageResponse>;
    readonly UnlockConnector: OcppExchange<Ocpp.UnlockConnectorRequest, Ocpp.UnlockConnectorResponse>;
    readonly UnpublishFirmware: OcppExchange<Ocpp.UnpublishFirmwareRequest, Ocpp.UnpublishFirmwareResponse>;
    readonly UpdateFirmware: OcppExchange<Ocpp.UpdateFirmwareRequest, Ocpp.UpdateFirmwareResponse>;
  };
  readonly both: {
    readonly DataTransfer: OcppExchange<Ocpp.DataTransferRequest, Ocpp.DataTransferResponse>;
  };
}

/** The names of the same. */
export const OCPP201_ACTIONS = {
  client: [
    "Authorize",
    "BootNotification",
    "ClearedChargingLimit",
    "FirmwareStatusNotification",
    "Get15118EVCertificate",
    "GetCertificateStatus",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "SecurityEventNotification",
    "SignCertificate",
    "StatusNotification",
    "TransactionEvent",
  ],
  server: [
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ClearCache",
    "ClearChargingProfile",
    "ClearDisplayMessage",
    "ClearVariableMonitoring",
    "CostUpdated",
    "CustomerInformation",
    "DeleteCertificate",
    "GetBaseReport",
    "GetChargingProfiles",
    "GetCompositeSchedule",
    "GetDisplayMessages",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "GetMonitoringReport",
    "GetReport",
    "GetTransactionStatus",
    "GetVariables",
    "InstallCertificate",
    "PublishFirmware",
    "RequestStartTransaction",
    "RequestStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "SetDisplayMessage",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetNetworkProfile",
    "SetVariableMonitoring",
    "SetVariables",
    "TriggerMessage",
    "UnlockConnector",
    "UnpublishFirmware",
    "UpdateFirmware",
  ],
  both: ["DataTransfer"],
} as const satisfies { readonly [Side in keyof Ocpp201Actions]: readonly (keyof Ocpp201Actions[Side])[] };
