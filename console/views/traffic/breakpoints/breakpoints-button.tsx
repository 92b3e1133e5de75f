import { Button } from "../../../parts/basics.tsx";
import { useApp } from "../../../state/app.ts";

interface BreakpointsButtonProps {
  readonly isOpen: boolean;
  readonly onClick: () => void;
}

/** Opens the breakpoints, and says how many messages are held. */
export function BreakpointsButton({ isOpen, onClick }: BreakpointsButtonProps) {
  const { holds } = useApp();
  const held = holds.view.value?.held.length ?? 0;
  return (
    <Button
      icon="hold"
      isOn={isOpen}
      label={held === 0 ? "Breakpoints" : `Breakpoints ${held} held`}
      title="Hold messages before they leave (b)"
      onClick={onClick}
    >
      <span class="wide">Breakpoints</span> {held > 0 && <span class="badge warn number">{held}</span>}
    </Button>
  );
}
