/** The items of a source as they stand: pages, entries, files or stories. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { sources } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { Id } from "../../api/schema";
import { ITEM_STATES, type SourceItemView } from "../../api/sources-schema";
import { Badge, Empty, Ready, When } from "../../components/basics";
import { Filter, Pagination, useListState } from "../../components/list";
import { options } from "../../components/options";
import { WideTable } from "../../components/table";
import { ItemName } from "./item-name";

const STATES = options(ITEM_STATES);

export function Items({ source }: { source: Id }) {
  const state = useListState("");
  const query = { page: state.page, limit: 20, state: state.get("state") };
  const list = useQuery({ queryKey: keys.sources("items", source, query), queryFn: () => sources.items(source, query), placeholderData: (before) => before });
  return (
    <section aria-labelledby="items">
      <h2 id="items">Items</h2>
      <div className="filters">
        <Filter name="state" label="Item state" options={STATES} state={state} />
      </div>
      <Ready query={list}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <ItemTable items={page.items} />
              <Pagination page={page} state={state} />
            </>
          ) : (
            <Empty title={query.state ? "No item matches" : "No item yet"}>{query.state ? "Choose another state above." : "A run finds them."}</Empty>
          )
        }
      </Ready>
    </section>
  );
}

function ItemTable({ items }: { items: SourceItemView[] }) {
  return (
    <WideTable label="Items">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">State</th>
          <th scope="col">Document</th>
          <th scope="col">Last seen</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.item}>
            <th scope="row" className="wrapped">
              <ItemName item={item.item} />
            </th>
            <td>
              <Badge value={item.state} />
              {item.reason && <div className="hint wrapped">{item.reason}</div>}
            </td>
            <td>{item.document_id == null ? <span className="muted">–</span> : <Link to={`/knowledge/documents/${item.document_id}`}>#{item.document_id}</Link>}</td>
            <td>
              <When at={item.last_seen_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
