/** What the person may do with language models here. */

import type { ProviderView } from "../../api/llm-schema";
import { atLeast, useMe, useRole } from "../../lib/access";

export interface Rights {
  /** Makes what is the project's. */
  mayManage: boolean;
  /** The instance's providers take an administrator. */
  mayChange: (provider: Pick<ProviderView, "scope">) => boolean;
}

export function useRights(): Rights {
  const mayManage = atLeast(useRole(), "maintainer");
  const isAdmin = useMe()?.is_admin === true;
  return { mayManage, mayChange: ({ scope }) => mayManage && (scope === "project" || isAdmin) };
}

/** Providers of the configuration: of them only models and whether they are called are changed here. */
export const isConfigured = ({ origin }: Pick<ProviderView, "origin">): boolean => origin === "environment";

/** Whose a setting is, in words. */
export const ownerOf = (scope: string): string => (scope === "project" ? "This project" : "All projects");
