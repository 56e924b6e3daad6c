/** The documents of the knowledge base. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";
import { DOCUMENT_ORIGINS, DOCUMENT_STATUSES, type KnowledgeDocumentView } from "../../api/schema";
import { Badge, Empty, Ready, When } from "../../components/basics";
import { DeleteButton } from "../../components/delete";
import { Filter, Pagination, SearchBox, SortHead, useListState, type ListState } from "../../components/list";
import { options } from "../../components/options";
import { atLeast, useRole } from "../../lib/access";
import { count, words } from "../../lib/text";
import { documentAt } from "./places";
import { useKnowledgeChanged } from "./refresh";

const STATUSES = options(DOCUMENT_STATUSES);
const ORIGINS = options(DOCUMENT_ORIGINS);

export function Documents({ categories }: { categories: string[] }) {
  const state = useListState("-updated_at");
  const query = { page: state.page, limit: 20, sort: state.sort, category: state.get("category"), status: state.get("status"), origin: state.get("origin"), search: state.get("search") };
  const list = useQuery({ queryKey: keys.knowledge("documents", query), queryFn: () => knowledge.documents(query), placeholderData: (before) => before });
  const filtered = [query.category, query.status, query.origin, query.search].some((value) => value !== "");
  return (
    <section aria-labelledby="documents">
      <h2 id="documents">Documents</h2>
      <div className="filters">
        <SearchBox label="Search titles" state={state} />
        <Filter name="category" label="Category" options={categories.map((value) => ({ value, label: value }))} state={state} />
        <Filter name="status" label="Status" options={STATUSES} state={state} />
        <Filter name="origin" label="Origin" options={ORIGINS} state={state} />
      </div>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <DocumentTable items={page.items} state={state} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <NoDocument filtered={filtered} />
          )
        }
      </Ready>
    </section>
  );
}

function NoDocument({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty title="No document matches">Widen the filters above.</Empty>;
  return (
    <Empty title="No document yet">
      Upload one, synchronise a <Link to="/repositories">repository</Link>, or add a <Link to="/sources">source</Link> that is read again and again.
    </Empty>
  );
}

function DocumentTable({ items, state }: { items: KnowledgeDocumentView[]; state: ListState }) {
  return (
    <div className="table-wrap">
      <table className="documents">
        <thead>
          <tr>
            <SortHead field="title" label="Document" state={state} />
            <th scope="col">Category</th>
            <th scope="col">Origin</th>
            <th scope="col">State</th>
            <th scope="col">Passages</th>
            <SortHead field="updated_at" label="Changed" state={state} />
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((document) => (
            <Row key={document.id} document={document} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ document }: { document: KnowledgeDocumentView }) {
  const changed = useKnowledgeChanged();
  const mayWrite = atLeast(useRole(), "member");
  return (
    <tr>
      <th scope="row">
        <Link to={documentAt(document.id)}>{document.title}</Link>
        <div className="hint wrapped">{document.source_path ?? document.filename}</div>
      </th>
      <td>{document.category}</td>
      <td>{words(document.origin)}</td>
      <td>
        <Badge value={document.status} />
        {document.warnings.length > 0 && <div className="hint">{count(document.warnings.length, "warning")}</div>}
        {document.error && <div className="field-problem clipped">{document.error}</div>}
      </td>
      <td>{document.chunk_count}</td>
      <td>
        <When at={document.updated_at} />
      </td>
      <td>
        {mayWrite && (
          <div className="actions">
            <DeleteButton name={document.title} remove={() => knowledge.remove(document.id)} onDeleted={changed}>
              <p>{lossOf(document)}</p>
            </DeleteButton>
          </div>
        )}
      </td>
    </tr>
  );
}

/** What deleting a document means. */
export function lossOf({ origin }: Pick<KnowledgeDocumentView, "origin">): string {
  if (origin === "source") return "It is no longer found by searches, until the next run of its source brings it back.";
  return "It is no longer found by searches, and its versions are forgotten.";
}
