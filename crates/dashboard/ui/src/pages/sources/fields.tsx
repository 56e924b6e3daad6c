/** The inputs of a source: those of its kind, its schedule and its secret. */

import { useMutation } from "@tanstack/react-query";
import { useId, type MouseEvent } from "react";

import { sources } from "../../api/endpoints";
import type { Free } from "../../api/jobs-schema";
import { formProblem, messageOf } from "../../api/problem";
import { CheckField, TextArea, TextField } from "../../components/form";
import { inputOf, shown, type Setting } from "./kinds";

/** One setting of a kind, as it is stored or as it would be without a word. */
export function SettingField({ setting, config }: { setting: Setting; config: Free | null }) {
  const { key, label, type, hint, initial, min, max, required } = setting;
  const name = inputOf(key);
  const value = config === null ? initial : config[key];
  switch (type) {
    case "flag":
      return <CheckField name={name} label={label} initial={value === true} />;
    case "lines":
      return <TextArea name={name} label={label} hint={hint} required={required} initial={shown(value)} />;
    case "number":
      return <TextField name={name} label={label} type="number" step="1" min={min} max={max} hint={hint} required={required} initial={shown(value)} />;
    case "text":
    case "url":
      return <TextField name={name} label={label} type={type} hint={hint} required={required} initial={shown(value)} />;
  }
}

/** Other inputs of the form that a button stands in. */
function siblingOf(event: MouseEvent<HTMLButtonElement>, name: string): HTMLInputElement | null {
  const input = event.currentTarget.form?.elements.namedItem(name);
  return input instanceof HTMLInputElement ? input : null;
}

const USUAL = [
  ["0 * * * *", "every hour"],
  ["0 4 * * *", "every day at 04:00"],
  ["0 4 * * 1", "every Monday at 04:00"],
  ["0 4 1 * *", "on the first of every month at 04:00"],
] as const;

/** When a source is read by itself. The next times are shown on demand, by the server that will keep them. */
export function ScheduleField({ initial }: { initial?: string | null }) {
  const list = useId();
  const look = useMutation({ mutationFn: (cron: string) => (cron ? sources.preview(cron) : Promise.resolve(null)) });
  return (
    <div className="field wide">
      <TextField
        name="schedule"
        label="Schedule"
        list={list}
        initial={initial}
        hint="A cron expression in UTC: minute, hour, day of month, month, day of week. Without one it is read when somebody runs it."
      />
      <datalist id={list}>
        {USUAL.map(([cron, meaning]) => (
          <option key={cron} value={cron}>
            {meaning}
          </option>
        ))}
      </datalist>
      <div className="actions start">
        <button type="button" onClick={(event) => look.mutate(siblingOf(event, "schedule")?.value.trim() ?? "")}>
          Show the next runs
        </button>
      </div>
      <div aria-live="polite">
        {look.isError && <p className="field-problem">{formProblem(look.error, ["cron_expression"]).fields.cron_expression ?? messageOf(look.error)}</p>}
        {look.isSuccess && look.data === null && <p className="hint">No schedule: it is read when somebody runs it.</p>}
        {look.data && (
          <ul className="plain-list hint">
            {look.data.next_runs.map((at) => (
              <li key={at}>
                <time dateTime={at}>{new Date(at).toLocaleString()}</time>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** What pushes are signed with. It can be read here until it is sent, and never after. */
export function SecretField({ stored }: { stored: boolean }) {
  const make = (event: MouseEvent<HTMLButtonElement>) => {
    const input = siblingOf(event, "secret");
    if (!input) return;
    input.value = freshSecret();
    input.focus();
    input.select();
  };
  return (
    <div className="field">
      <TextField
        name="secret"
        label={stored ? "New secret" : "Secret"}
        required={!stored}
        hint={
          stored
            ? "A secret is stored and cannot be shown. A new one takes its place at once; empty keeps it."
            : "16 to 255 characters that pushes are signed with. Keep a copy now: it is stored sealed and never shown again."
        }
      />
      <div className="actions start">
        <button type="button" onClick={make}>
          Make a secret
        </button>
      </div>
    </div>
  );
}

/** 32 random bytes as text. */
function freshSecret(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
