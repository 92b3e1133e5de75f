import { useRoute } from "preact-iso";
import { SessionList } from "./session-list.tsx";
import { SessionPage } from "./session-page.tsx";
import "./sessions.css";

export function Sessions() {
  const { id } = useRoute().params;
  return id === undefined || id === "" ? <SessionList /> : <SessionPage key={id} id={id} />;
}
