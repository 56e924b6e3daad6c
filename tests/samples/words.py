"""Writes beside every document below a folder the words that the usual Python library for its kind finds in it, as `<file>.words`."""

import json
import pathlib
import sys


def docx(path):
    import docx

    document = docx.Document(path)
    yield from (paragraph.text for paragraph in document.paragraphs)
    for table in document.tables:
        for row in table.rows:
            yield from (cell.text for cell in row.cells)


def pptx(path):
    import pptx

    for slide in pptx.Presentation(path).slides:
        for shape in slide.shapes:
            if shape.has_text_frame and not shape.is_placeholder:
                yield shape.text_frame.text
            elif shape.is_placeholder and shape.placeholder_format.type not in (13, 15, 16):
                yield shape.text_frame.text if shape.has_text_frame else ""
            if getattr(shape, "has_table", False) and shape.has_table:
                yield from (cell.text for row in shape.table.rows for cell in row.cells)


def xlsx(path):
    import openpyxl

    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield from (cell for cell in row if isinstance(cell, str))


def pdf(path):
    import pypdf

    yield from (page.extract_text() for page in pypdf.PdfReader(path).pages)


def ipynb(path):
    notebook = json.loads(pathlib.Path(path).read_text("utf-8"))
    yield from ("".join(cell["source"]) for cell in notebook.get("cells", []))


READERS = {".docx": docx, ".pptx": pptx, ".xlsx": xlsx, ".pdf": pdf, ".ipynb": ipynb}

for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    reader = READERS.get(path.suffix)
    if reader is None:
        continue
    try:
        text = "\n".join(part for part in reader(str(path)) if part)
    except Exception as error:  # a file that the library cannot read is compared with nothing
        print(f"{path.name}: {type(error).__name__}", file=sys.stderr)
        continue
    path.with_name(path.name + ".words").write_text(text, "utf-8", errors="replace")
