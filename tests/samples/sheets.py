"""Writes workbooks, slides and a text document with the usual Python libraries into a folder: files of real writers, for parsers to read."""

import datetime
import pathlib
import sys

import docx
import openpyxl
import pptx

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Readings"
sheet.append(["station", "observed", "value", "remark"])
for day in range(1, 200):
    sheet.append([f"station{day % 7}", datetime.date(2026, 1, 1) + datetime.timedelta(days=day), day / 4, "calibrated" if day % 3 else None])
other = book.create_sheet("Über Maße & more")
other["B3"], other["C3"], other["B4"], other["C4"] = "länge", "breite", "zwölf", "dreißig"
book.save(folder / "readings.xlsx")

slides = pptx.Presentation()
for number in range(1, 6):
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = f"Topic {number}"
    slide.placeholders[1].text = f"First point of topic {number}\nSecond point with umlauts äöü"
    slide.notes_slide.notes_text_frame.text = f"Speaker remark {number}"
slides.save(folder / "topics.pptx")

document = docx.Document()
document.add_heading("Handbook of the station", 0)
for chapter in ("Arrival", "Measuring", "Departure"):
    document.add_heading(chapter, 1)
    document.add_paragraph(f"{chapter} is described in this paragraph at some length, with ünïcode and <markup>.")
    document.add_paragraph("a step of the list", style="List Bullet")
table = document.add_table(rows=2, cols=2)
table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text, table.cell(1, 1).text = "instrument", "unit", "barometer", "hectopascal"
document.save(folder / "handbook.docx")
