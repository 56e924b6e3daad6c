/** The knowledge base: ask, upload, look after its documents. */

import { useNavigate } from "react-router";

import { SEARCH_MODES } from "../../api/schema";
import { PageHead } from "../../components/basics";
import { Form, SelectField, TextField, useForm } from "../../components/form";
import { options } from "../../components/options";
import { atLeast, useRole } from "../../lib/access";
import { Archive } from "./archive";
import { useCategories } from "./categories";
import { Documents } from "./documents";
import { Places } from "./places";
import { searchAddress } from "./question";
import { Upload } from "./upload";

export function Knowledge() {
  const categories = useCategories();
  const mayWrite = atLeast(useRole(), "member");
  return (
    <>
      <PageHead title="Knowledge" />
      <Places />
      <Ask categories={categories} />
      {mayWrite && <Upload categories={categories} />}
      <Documents categories={categories} />
      <Archive />
    </>
  );
}

/** The short question; the page it leads to has every filter. */
function Ask({ categories }: { categories: string[] }) {
  const navigate = useNavigate();
  const form = useForm(
    (values) => Promise.resolve(searchAddress({ q: values.text("query"), mode: values.text("mode"), category: values.text("category") })),
    (address) => void navigate(address),
  );
  return (
    <section className="panel" aria-labelledby="ask">
      <h2 id="ask">Search</h2>
      <Form form={form} inputs={["query", "mode", "category"]} label="Search the knowledge base" action="Search" className="columns">
        <TextField name="query" label="Question or words" type="search" required />
        <SelectField name="mode" label="Mode" options={options(SEARCH_MODES)} initial="hybrid" />
        <SelectField name="category" label="Category" options={categories.map((value) => ({ value, label: value }))} empty="All" />
      </Form>
    </section>
  );
}
