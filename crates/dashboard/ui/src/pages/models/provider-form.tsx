/** Makes a provider, or changes one. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { llm, type Tagged } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { DIALECTS, type CreateProvider, type ProviderView } from "../../api/llm-schema";
import { CheckField, Form, SelectField, TextField, useForm } from "../../components/form";
import { useToasts } from "../../components/toasts";
import { ModelFields, useModelRows } from "./model-fields";
import { bodyOf, MODEL_FIELDS, modelInput } from "./provider-body";
import { isConfigured } from "./rights";

const NAMES: Record<string, string> = { openai: "OpenAI, and what speaks like it", anthropic: "Anthropic", gemini: "Gemini" };
const SPOKEN = DIALECTS.map((value) => ({ value, label: NAMES[value] ?? value }));

export function ProviderForm({ before }: { before: Tagged<ProviderView> | null }) {
  const queries = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const known = before?.value ?? null;
  const isReadOnly = known !== null && isConfigured(known);
  const rows = useModelRows(known?.models ?? []);
  const inputs = [...(isReadOnly ? [] : ["alias", "dialect", "base_url", "api_key"]), ...rows.all.flatMap((_, at) => MODEL_FIELDS.map((field) => modelInput(at, field)))];
  const form = useForm(
    (values) => {
      const body = bodyOf(values, rows.all.length, isReadOnly);
      return before ? llm.updateProvider(before.value.id, body, before.etag) : llm.createProvider(body as CreateProvider);
    },
    (provider) => {
      toasts.good(`${provider.alias} is saved.`);
      void queries.invalidateQueries({ queryKey: keys.llm() });
      void navigate("/settings/models");
    },
  );
  return (
    <Form form={form} inputs={inputs} label={known ? "Change provider" : "New provider"} action={known ? "Save changes" : "Add provider"} className="columns">
      {isReadOnly ? <p className="hint wide">The server&rsquo;s configuration sets it up: only its models and whether it is called change here.</p> : <Address known={known} />}
      <ModelFields rows={rows} />
      <CheckField name="enabled" label="It is called" initial={known?.enabled ?? true} />
    </Form>
  );
}

function Address({ known }: { known: ProviderView | null }) {
  return (
    <>
      <TextField name="alias" label="Name" required initial={known?.alias} hint="What it is called here: letters, digits, dots, _ and -." />
      <SelectField name="dialect" label="Speaks" options={SPOKEN} initial={known?.dialect ?? "openai"} />
      <TextField name="base_url" label="Address" type="url" initial={known?.base_url} hint="The vendor's own when empty. A private address must be opened by net.allow_private." />
      <TextField
        name="api_key"
        label={known?.has_api_key ? "New key" : "Key"}
        type="password"
        autoComplete="new-password"
        hint={known?.has_api_key ? "A key is stored and cannot be shown; empty keeps it." : "If it wants one. It is stored sealed and never shown."}
      />
      {known?.has_api_key && <CheckField name="forget_key" label="Remove the stored key" />}
    </>
  );
}
