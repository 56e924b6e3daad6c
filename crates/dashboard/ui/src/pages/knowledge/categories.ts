/** The categories that documents are filed under. */

import { useQuery } from "@tanstack/react-query";

import { knowledge } from "../../api/endpoints";
import { keys } from "../../api/keys";

export function useCategories(): string[] {
  const categories = useQuery({ queryKey: keys.knowledge("categories"), queryFn: knowledge.categories });
  return categories.data?.items.map((item) => item.category) ?? [];
}
