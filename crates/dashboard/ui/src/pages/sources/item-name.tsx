/** An item by its address or its path. Only what a browser may open becomes a link. */
export function ItemName({ item }: { item: string }) {
  return /^https?:\/\//.test(item) ? (
    <a href={item} rel="noreferrer">
      {item}
    </a>
  ) : (
    <>{item}</>
  );
}
