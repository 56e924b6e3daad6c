import { Link } from "react-router";

import { Empty, PageHead } from "../components/basics";

export function NotFound() {
  return (
    <>
      <PageHead title="Nothing here" />
      <Empty title="There is no page at this address.">
        <Link to="/">To the overview</Link>
      </Empty>
    </>
  );
}
