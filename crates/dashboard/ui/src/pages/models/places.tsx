/** The pages of language models, and how they are reached from each other. */

import { NavLink } from "react-router";

const PLACES = [
  ["/settings/models", "Providers"],
  ["/settings/models/roles", "Roles"],
  ["/settings/models/budgets", "Budgets"],
  ["/settings/models/usage", "Usage"],
] as const;

export function Places() {
  return (
    <nav className="places" aria-label="Language models">
      <ul>
        {PLACES.map(([to, name]) => (
          <li key={to}>
            <NavLink to={to} end>
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
