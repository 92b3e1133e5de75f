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

{{- /* A duration of the config in seconds; what a variable of the environment is to say, nobody knows here: 0. */ -}}
{{- define "framegate.seconds" -}}
{{- $text := toString . }}
{{- $unit := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 }}
{{- if regexMatch "^[0-9]+([.][0-9]+)? *(ms|s|m|h|d)$" $text -}}
{{- mulf (regexFind "^[0-9.]+" $text | float64) (get $unit (regexFind "[a-z]+$" $text)) -}}
{{- else -}}0{{- end -}}
{{- end }}

{{- /* A pod that is killed in its drain cuts off the sessions that are left. */ -}}
{{- define "framegate.gracePeriod" -}}
{{- $drain := .Values.config.drain | default dict }}
{{- $takes := 0.0 }}
{{- range $name, $usual := dict "delay" "0" "spread" "0" "timeout" "10s" }}
{{- $takes = addf $takes (include "framegate.seconds" (dig $name $usual $drain) | float64) }}
{{- end }}
{{- $given := .Values.terminationGracePeriodSeconds }}
{{- if le (float64 $given) $takes }}
{{- fail (printf "terminationGracePeriodSeconds: expected more than the %v s that config.drain takes (delay, spread and timeout together), got %v; raise it" $takes $given) }}
{{- end }}
{{- $given }}
{{- end }}
