/** The contents that a document has had, newest first. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";
import type { DocumentVersionView, Id } from "../../api/schema";
import { Ready, When } from "../../components/basics";
import { Pagination } from "../../components/list";
import { WideTable } from "../../components/table";
import { bytes, words } from "../../lib/text";

export function Versions({ document }: { document: Id }) {
  const [page, setPage] = useState(1);
  const list = useQuery({ queryKey: keys.knowledge("versions", document, page), queryFn: () => knowledge.versions(document, page), placeholderData: (before) => before });
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <Ready query={list}>
        {(found) => (
          <>
            <VersionTable items={found.items} />
            <Pagination page={found} onPage={setPage} />
          </>
        )}
      </Ready>
    </section>
  );
}

function VersionTable({ items }: { items: DocumentVersionView[] }) {
  return (
    <WideTable label="Versions">
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Arrived</th>
          <th scope="col">Read</th>
          <th scope="col">Passages</th>
          <th scope="col">Size</th>
          <th scope="col">Content</th>
          <th scope="col">Warnings</th>
        </tr>
      </thead>
      <tbody>
        {items.map((version) => (
          <tr key={version.version}>
            <th scope="row">{version.version}</th>
            <td>
              <When at={version.created_at} />
              <div className="hint">{words(version.origin)}</div>
            </td>
            <td>
              <When at={version.indexed_at} />
            </td>
            <td>{version.chunk_count ?? <span className="muted">–</span>}</td>
            <td>{bytes(version.size)}</td>
            <td>
              <code title={version.content_hash}>{version.content_hash.slice(0, 12)}</code>
              {version.commit_sha && (
                <div className="hint">
                  commit <code>{version.commit_sha.slice(0, 7)}</code>
                </div>
              )}
            </td>
            <td>{version.warnings.length > 0 ? version.warnings.join("; ") : <span className="muted">–</span>}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
