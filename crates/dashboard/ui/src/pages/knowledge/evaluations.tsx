/** Evaluations: how well the knowledge base answers the project's own questions. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";

import { evaluations } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { ApiProblem } from "../../api/problem";
import { SEARCH_MODES, type EvaluateKnowledge, type EvaluationView, type JudgedQuery } from "../../api/schema";
import { Empty, PageHead, Ready, When } from "../../components/basics";
import { Form, SelectField, TextArea, TextField, useForm } from "../../components/form";
import { Pagination, useListState } from "../../components/list";
import { options } from "../../components/options";
import { atLeast, useRole } from "../../lib/access";
import { words } from "../../lib/text";
import { parseJudged } from "./judged";
import { Figure, MEASURES } from "./measures";
import { Places } from "./places";

export function Evaluations() {
  const state = useListState("");
  const mayWrite = atLeast(useRole(), "member");
  const query = { page: state.page, limit: 20 };
  const list = useQuery({ queryKey: keys.knowledge("evaluations", query), queryFn: () => evaluations.list(query), placeholderData: (before) => before });
  return (
    <>
      <PageHead title="Evaluations" />
      <Places />
      {mayWrite && (
        <section className="panel" aria-labelledby="evaluate">
          <h2 id="evaluate">Evaluate</h2>
          <Evaluate />
        </section>
      )}
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <EvaluationTable items={page.items} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title="No evaluation yet">
              Write down questions that people ask and the documents that answer them. Asking them again after every change shows what the change was worth.
            </Empty>
          )
        }
      </Ready>
    </>
  );
}

function EvaluationTable({ items }: { items: EvaluationView[] }) {
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th scope="col">Evaluation</th>
            {MEASURES.map(([key, label]) => (
              <th key={key} scope="col">
                {label}
              </th>
            ))}
            <th scope="col">Questions</th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {items.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <Link to={`/knowledge/evaluations/${run.id}`}>
                  {run.name} <span className="muted">#{run.id}</span>
                </Link>
                <div className="hint">
                  {words(run.mode)}, first {run.k}
                </div>
              </th>
              {MEASURES.map(([key]) => (
                <td key={key}>
                  <Figure value={run[key]} change={run.difference?.[key]} />
                </td>
              ))}
              <td>{run.queries.length}</td>
              <td>
                <When at={run.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Messages that are told of one paste; the rest would push the form away. */
const MOST_MESSAGES = 8;

function refused(messages: string[]): ApiProblem {
  const told = messages.slice(0, MOST_MESSAGES);
  if (messages.length > told.length) told.push(`and ${messages.length - told.length} more`);
  return new ApiProblem(422, { detail: "Some questions need a change.", errors: told.map((message) => ({ field: "queries", code: "invalid", message })) });
}

/** The server's problems, told by the question instead of by its place in the request. */
function told(error: unknown, queries: JudgedQuery[]): unknown {
  if (!(error instanceof ApiProblem)) return error;
  const about = /^queries\.(\d+)(?:\.|$)/;
  const others = error.errors.filter(({ field }) => !about.test(field));
  const messages = error.errors.flatMap(({ field, message }) => {
    const at = about.exec(field)?.[1];
    return at === undefined ? [] : [`question ${Number(at) + 1} (“${queries[Number(at)]?.query ?? ""}”) ${message}`];
  });
  if (messages.length === 0) return error;
  return new ApiProblem(error.status, { detail: error.message, errors: [...refused(messages).errors, ...others] });
}

const INPUTS = ["name", "mode", "k", "queries"];
const EXAMPLE = "query,document,relevance\nhow do I rotate a key?,docs/keys.md,2";

function Evaluate() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm(
    async (values) => {
      const judged = parseJudged(values.text("queries"));
      if (judged.problems.length > 0) throw refused(judged.problems);
      const body: EvaluateKnowledge = { name: values.optional("name"), mode: values.text("mode"), k: values.number("k"), ...judged.given, queries: judged.queries };
      try {
        return await evaluations.create(body);
      } catch (error) {
        throw told(error, judged.queries);
      }
    },
    (run) => {
      void queries.invalidateQueries({ queryKey: keys.knowledge("evaluations") });
      void navigate(`/knowledge/evaluations/${run.id}`);
    },
  );
  return (
    <Form form={form} inputs={INPUTS} label="Evaluate" action="Ask the questions" busy="Asking…" className="columns">
      <TextField name="name" label="Name" hint="Runs of the same name are compared; “default” when empty." />
      <SelectField name="mode" label="Mode" options={options(SEARCH_MODES)} initial="hybrid" />
      <TextField name="k" label="Documents that count" type="number" step="1" min={1} max={50} initial={10} hint="The first so many of each answer." />
      <TextArea
        name="queries"
        label="Questions and the documents that answer them"
        required
        rows={8}
        hint={`CSV with the columns query, document and relevance (0 to 100, 1 when empty), or JSON as the API takes it, whose name, mode and k go before those above. A document is its file name, its path in the repository, or its id. At most 1,000 questions. Such as: ${EXAMPLE.replace("\n", " / ")}`}
      />
    </Form>
  );
}
