/** What a change of the knowledge base makes old. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { keys } from "../../api/keys";

export function useKnowledgeChanged(): () => void {
  const queries = useQueryClient();
  return useCallback(() => {
    for (const key of [keys.knowledge(), keys.dashboard(), keys.jobs()]) void queries.invalidateQueries({ queryKey: key });
  }, [queries]);
}
