/** The choice of a category. */

import { SelectField } from "../../components/form";
import { useCategories } from "./categories";

export function Categories({ name }: { name: string }) {
  const categories = useCategories();
  return <SelectField name={name} label="Category" options={categories.map((value) => ({ value, label: value }))} empty="All" />;
}
