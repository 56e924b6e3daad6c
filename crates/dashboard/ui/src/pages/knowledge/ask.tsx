/** Ask: a question, and an answer in prose whose every statement was held against the passage it names. */

import { useMutation } from "@tanstack/react-query";

import { PageHead } from "../../components/basics";
import { Form, SelectField, TextField } from "../../components/form";
import { useAsking } from "./asking";
import { Categories } from "./category-field";
import { Places } from "./places";
import { Spoken } from "./spoken";

const INPUTS = ["question", "policy", "limit", "category"];
const POLICIES = [
  { value: "mark", label: "Show them, marked" },
  { value: "drop", label: "Leave them out" },
];

export function Ask() {
  const { asked, ask, stop } = useAsking();
  const form = useMutation({
    mutationFn: (element: HTMLFormElement) => {
      const data = new FormData(element);
      const said = (name: string) => String(data.get(name) ?? "").trim();
      return ask({ question: said("question"), policy: said("policy"), limit: said("limit") === "" ? undefined : Number(said("limit")), category: said("category") || undefined });
    },
  });
  const stopButton = (
    <button type="button" onClick={stop}>
      Stop
    </button>
  );
  return (
    <>
      <PageHead title="Ask" />
      <Places />
      <section className="panel" aria-label="What is asked">
        <Form form={form} inputs={INPUTS} label="Ask the knowledge base" action="Ask" busy="Answering…" extra={form.isPending && stopButton}>
          <TextField name="question" label="Question" required initial={asked?.question} hint="In your own words. The answer is made of the project's documents only." />
          <div className="columns-inside">
            <SelectField name="policy" label="Statements without a source" options={POLICIES} initial="mark" />
            <TextField name="limit" label="Passages" type="number" step="1" min={1} max={20} initial={8} hint="The answer leans on so many, 1 to 20." />
            <Categories name="category" />
          </div>
        </Form>
      </section>
      {asked && <Spoken asked={asked} />}
    </>
  );
}
