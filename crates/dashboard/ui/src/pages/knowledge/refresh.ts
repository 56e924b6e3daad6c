/** What a change of the knowledge base makes old. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { keys } from "../../api/keys";

/** What is shown is read again; with `none`, only what is shown next. */
export function useKnowledgeChanged(refetchType: "active" | "none" = "active"): () => void {
  const queries = useQueryClient();
  return useCallback(() => {
    for (const key of [keys.knowledge(), keys.dashboard(), keys.jobs()]) void queries.invalidateQueries({ queryKey: key, refetchType });
  }, [queries, refetchType]);
}
