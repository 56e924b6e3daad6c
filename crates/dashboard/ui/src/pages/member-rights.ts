/** Who may change whom: a maintainer up to maintainer, an owner anybody, and everybody may leave. */

import { ROLES } from "../api/schema";
import { atLeast } from "../lib/access";

/** The roles that a role may give. */
export function grantable(role: string | null): readonly string[] {
  if (role === "owner") return ROLES;
  return role === "maintainer" ? ROLES.filter((given) => given !== "owner") : [];
}

export function mayChange(role: string | null, of: string): boolean {
  return atLeast(role, of === "owner" ? "owner" : "maintainer");
}

export function mayRemove(role: string | null, of: string, own: boolean): boolean {
  return own || mayChange(role, of);
}
