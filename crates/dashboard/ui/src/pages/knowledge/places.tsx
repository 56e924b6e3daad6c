/** The pages of the knowledge base, and how they are reached from each other. */

import { NavLink } from "react-router";

import type { Id, SpanView } from "../../api/schema";

const PLACES = [
  ["/knowledge/ask", "Ask"],
  ["/knowledge", "Documents"],
  ["/knowledge/search", "Search"],
  ["/knowledge/evaluations", "Evaluations"],
] as const;

export function Places() {
  return (
    <nav className="places" aria-label="Knowledge base">
      <ul>
        {PLACES.map(([to, name]) => (
          <li key={to}>
            <NavLink to={to} end={to === "/knowledge"}>
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The address of a document, at a passage of it. */
export function documentAt(id: Id, span?: SpanView): string {
  return span ? `/knowledge/documents/${id}?start=${span.start}&end=${span.end}` : `/knowledge/documents/${id}`;
}
