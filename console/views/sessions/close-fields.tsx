const CODES: readonly (readonly [number, string])[] = [
  [1000, "1000 · normal end"],
  [1001, "1001 · going away"],
  [1008, "1008 · against a rule"],
  [1011, "1011 · internal error"],
  [1012, "1012 · restart, come back"],
  [1013, "1013 · try again later"],
];

const LONGEST_REASON = 123;

/** What is wrong with a code; "" when nothing is. */
export function refuseCode(code: number): string {
  const isKnown = CODES.some(([known]) => known === code) || (code >= 3000 && code <= 4999);
  return isKnown ? "" : "Codes of your own are from 3000 to 4999.";
}

export function refuseReason(reason: string): string {
  const length = new TextEncoder().encode(reason).length;
  if (length <= LONGEST_REASON) return "";
  return `The reason has ${length} bytes, and a Close frame has room for ${LONGEST_REASON}.`;
}

const RATE = /^\d+(\.\d+)?\/[smh]$/;

/** "" for none, and for one that is right. */
export function refuseRate(rate: string): string {
  return rate === "" || RATE.test(rate) ? "" : 'A rate is such as "50/s" or "600/m".';
}

interface CodeFieldProps {
  readonly code: string;
  readonly onChange: (code: string) => void;
}

export function CodeField({ code, onChange }: CodeFieldProps) {
  return (
    <label class="field">
      <span>Code</span>
      <input
        class="input number"
        list="close-codes"
        inputMode="numeric"
        value={code}
        onInput={(event) => onChange(event.currentTarget.value.replace(/\D/g, ""))}
      />
      <datalist id="close-codes">
        {CODES.map(([known, text]) => (
          <option key={known} value={known}>
            {text}
          </option>
        ))}
      </datalist>
    </label>
  );
}

interface ReasonFieldProps {
  readonly label: string;
  readonly reason: string;
  readonly hint?: string;
  readonly onChange: (reason: string) => void;
}

export function ReasonField({ label, reason, hint, onChange }: ReasonFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        placeholder={hint}
        value={reason}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
