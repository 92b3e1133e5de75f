import type * as grafana from "@grafana/schema";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

/** The dashboard in Grafana's own types, as far as these go: what its panels' options and fields may be they leave to each kind of panel. */
export type Dashboard = Literal<Omit<grafana.Dashboard, "panels" | "templating" | "annotations">> & {
  __inputs: [];
  __requires: { type: "grafana" | "datasource"; id: string; name: string; version: string }[];
  panels: (
    | Row
    | Graph<"stat", stat.Options, never>
    | Graph<"timeseries", timeseries.Options, timeseries.FieldConfig>
  )[];
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
};

type Row = Literal<Omit<grafana.RowPanel, "panels">> & { panels: [] };

interface Graph<Type extends string, Options, Custom>
  extends Literal<Omit<grafana.Panel, "type" | "options" | "fieldConfig" | "targets">> {
  type: Type;
  // Grafana puts what is left out there.
  options: Some<Literal<Options>>;
  fieldConfig: Literal<Omit<grafana.FieldConfigSource, "defaults">> & {
    defaults: Literal<Omit<grafana.FieldConfig, "custom">> & { custom?: Literal<Custom> };
  };
  targets: (Literal<grafana.DataQuery> & Query)[];
}

/** What the data source adds for Prometheus: these types have nothing of it. */
interface Query {
  expr: string;
  legendFormat: string;
}

/** The same: what is asked of it, as text that Grafana shows. */
type Variable = Literal<grafana.VariableModel> & { definition?: string };

type Annotation = Literal<Omit<grafana.AnnotationQuery, "target">> & {
  expr: string;
  step: string;
  titleFormat: string;
};

/** As it stands in JSON: a member of an enum is its value there. */
type Literal<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer Value extends number}`
      ? Value
      : never
    : T extends object
      ? { [Key in keyof T]: Literal<T[Key]> }
      : T;

type Some<T> = T extends readonly unknown[] ? T : T extends object ? { [Key in keyof T]?: Some<T[Key]> } : T;
