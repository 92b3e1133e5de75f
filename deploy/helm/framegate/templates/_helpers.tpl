{{- /* Names of Services begin with a letter (RFC 1035), and leave room for what is put behind. */ -}}
{{- define "framegate.name" -}}
{{- $name := .Release.Name }}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end }}
{{- if not (regexMatch "^[a-z]" $name) }}{{ $name = printf "fg-%s" $name }}{{ end }}
{{- $name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "framegate.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "framegate.labels" -}}
{{ include "framegate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* What is asked for, and what only the chart can know. */ -}}
{{- define "framegate.config" -}}
{{- $token := dict "env" "FRAMEGATE_CONSOLE_TOKEN" }}
{{- $reader := dict "env" "FRAMEGATE_CONSOLE_READER_TOKEN" }}
{{- $console := dict "host" "0.0.0.0" "port" 9090 "token" $token "readerToken" $reader }}
{{- $listen := list (dict "host" "0.0.0.0" "port" 8080) }}
{{- $sandbox := merge (dict "os" .Values.sandbox.os) (.Values.config.sandbox | default dict) }}
{{- $own := dict "listen" $listen "console" $console "policies" "./policies" "sandbox" $sandbox }}
{{- merge $own (deepCopy .Values.config) | toPrettyJson }}
{{- end }}
