/** How a document is filed: its title, category, tags, and the technology it is about. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { knowledge, technologies } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { KnowledgeDocumentView } from "../../api/schema";
import { Loading } from "../../components/basics";
import { Form, SelectField, TextField, useForm } from "../../components/form";
import { useToasts } from "../../components/toasts";
import { labels } from "../../lib/text";
import { useCategories } from "./categories";
import { useKnowledgeChanged } from "./refresh";

const INPUTS = ["title", "category", "tags", "technology_id"];

export function EditDocument({ document }: { document: KnowledgeDocumentView }) {
  const toasts = useToasts();
  const changed = useKnowledgeChanged();
  const list = useId();
  const categories = useCategories();
  const query = { limit: 100, sort: "title" };
  const known = useQuery({ queryKey: keys.technologies("choices", query), queryFn: () => technologies.list(query) });
  const form = useForm(
    (values) =>
      knowledge.edit(document.id, {
        title: values.text("title"),
        category: values.text("category"),
        tags: labels(values.text("tags")),
        // Without the list there is no choice, and what is chosen stays.
        ...(values.has("technology_id") && { technology_id: values.number("technology_id") }),
      }),
    ({ title }) => {
      toasts.good(`${title} is saved.`);
      changed();
    },
  );
  // A select cannot show a choice it does not have yet.
  if (known.isPending) return <Loading />;
  const choices = (known.data?.items ?? []).map(({ id, title }) => ({ value: String(id), label: title }));
  const chosen = document.technology_id;
  if (chosen != null && !choices.some(({ value }) => value === String(chosen))) choices.push({ value: String(chosen), label: `#${chosen}` });
  return (
    <>
      <Form form={form} inputs={INPUTS} label="Change how it is filed" action="Save changes" className="columns">
        <TextField name="title" label="Title" required initial={document.title} />
        <TextField name="category" label="Category" required list={list} initial={document.category} />
        <TextField name="tags" label="Tags" hint="Separated by commas." initial={document.tags.join(", ")} />
        {known.data && <SelectField name="technology_id" label="Technology" options={choices} empty="None" initial={chosen} />}
      </Form>
      <datalist id={list}>
        {categories.map((category) => (
          <option key={category} value={category} />
        ))}
      </datalist>
    </>
  );
}
