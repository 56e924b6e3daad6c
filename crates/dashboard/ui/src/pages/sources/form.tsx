/** Makes a source, or changes one. */

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useNavigate } from "react-router";

import { sources, type Tagged } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { SOURCE_KINDS, type SourceKind, type SourceView, type UpdateSource } from "../../api/sources-schema";
import { Form, TextField, useForm, type Values } from "../../components/form";
import { useToasts } from "../../components/toasts";
import { atLeast, useRole } from "../../lib/access";
import { ScheduleField, SecretField, SettingField } from "./fields";
import { configOf, inputOf, inputsOf, isRead, kindOf, KINDS } from "./kinds";

/** The form as the API takes it. */
function bodyOf(values: Values, type: string, before: SourceView | null): Omit<UpdateSource, "type"> & { name: string } {
  const kind = kindOf(type);
  const schedule = values.optional("schedule");
  const secret = values.optional("secret");
  return {
    name: values.text("name"),
    ...(kind.place && { [kind.place.name]: values.optional(kind.place.name) }),
    ...(secret && { secret }),
    ...(isRead(type) && { priority: values.number("priority") }),
    config: configOf(kind, values, before?.config),
    // To send a schedule takes a maintainer, also the one that is there.
    ...(values.has("schedule") && schedule !== (before?.schedule ?? null) && { schedule }),
  };
}

export function SourceForm({ before }: { before: Tagged<SourceView> | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const known = before?.value ?? null;
  const [type, setType] = useState<string>(known?.type ?? "documentation");
  const kind = kindOf(type);
  const mayPlan = atLeast(useRole(), "maintainer");
  // Only inputs that are there: what is said of any other belongs to the form.
  const inputs = ["name", ...(kind.place ? [kind.place.name] : []), ...(isRead(type) ? ["priority"] : ["secret"]), ...(mayPlan ? ["schedule"] : []), ...inputsOf(kind)];
  const form = useForm(
    (values) => (before ? sources.update(before.value.id, bodyOf(values, type, before.value), before.etag) : sources.create({ type, ...bodyOf(values, type, null) })),
    (source) => {
      toasts.good(before ? `${source.name} is saved.` : `${source.name} is made. ${isRead(type) ? "Run it to read it the first time." : "It can be pushed to now."}`);
      void queries.invalidateQueries({ queryKey: keys.sources() });
      void navigate(`/sources/${source.id}`);
    },
  );
  return (
    <Form form={form} inputs={inputs} label={known ? "Change source" : "New source"} action={known ? "Save changes" : "Create source"} className="columns">
      {!known && <KindChoice chosen={type} onChoose={setType} />}
      <TextField name="name" label="Name" required initial={known?.name} />
      {kind.place && <TextField key={kind.place.label} name={kind.place.name} label={kind.place.label} type={kind.place.name === "url" ? "url" : "text"} required hint={kind.place.hint} initial={known?.[kind.place.name]} />}
      {!isRead(type) && <SecretField stored={known?.has_secret ?? false} />}
      {kind.settings.length > 0 && (
        <fieldset key={type}>
          <legend>What is read</legend>
          {kind.settings.map((setting) => (
            <SettingField key={setting.key} setting={setting} config={known?.config ?? null} />
          ))}
        </fieldset>
      )}
      <fieldset>
        <legend>How documents are filed</legend>
        <TextField name={inputOf("category")} label="Category" hint="The source's name when empty." initial={text(known?.config.category)} />
        <TextField name={inputOf("tags")} label="Tags" hint="Separated by commas." initial={Array.isArray(known?.config.tags) ? known.config.tags.join(", ") : ""} />
      </fieldset>
      {isRead(type) && (
        <fieldset>
          <legend>When it is read</legend>
          <TextField name="priority" label="Priority" type="number" step="1" min={1} max={10} initial={known?.priority ?? 5} hint="1 to 10; 10 goes first." />
          {mayPlan ? <ScheduleField initial={known?.schedule} /> : <p className="hint">{known?.schedule ? `By the schedule ${known.schedule}, which maintainers change.` : "Maintainers give it a schedule."}</p>}
        </fieldset>
      )}
    </Form>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function KindChoice({ chosen, onChoose }: { chosen: string; onChoose: (kind: SourceKind) => void }) {
  const id = useId();
  return (
    <fieldset className="kinds">
      <legend>Kind</legend>
      {SOURCE_KINDS.map((kind) => (
        <div key={kind} className="kind">
          <input id={`${id}-${kind}`} type="radio" name="type" value={kind} checked={chosen === kind} aria-describedby={`${id}-${kind}-what`} onChange={() => onChoose(kind)} />
          <div>
            <label htmlFor={`${id}-${kind}`}>{KINDS[kind].label}</label>
            <span id={`${id}-${kind}-what`} className="hint">
              {KINDS[kind].what}
            </span>
          </div>
        </div>
      ))}
    </fieldset>
  );
}
