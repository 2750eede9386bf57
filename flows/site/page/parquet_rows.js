// Parquet rows: the rows of one paper, read from the release's own files by byte ranges.

import { readFile, readRange, remember, unpackText } from './bytes.js'
import { compressors, parquetReadObjects } from './parquet.js'
import { openRows } from './rows.js'

// Names of numbers in parquet.thrift, in their order.
const TYPES = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']
const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED']
const CONVERSIONS = { 0: 'UTF8', 3: 'LIST', 6: 'DATE' }
const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']
const DAY = 86_400_000
/** Bytes that are read in vain rather than with a request more. */
const GAP = 8_192

const parsers = { dateFromDays: days => new Date(days * DAY).toISOString().slice(0, 10) }

/** Make what a footer says about one row group, from the part of it that the site keeps. */
function makeMetadata(schema, group) {
  return {
    version: 2,
    num_rows: BigInt(group.rows),
    schema: schema.map(([type, repetition, name, children, converted]) => ({
      type: TYPES[type],
      repetition_type: REPETITIONS[repetition],
      name,
      num_children: children ?? undefined,
      converted_type: CONVERSIONS[converted],
    })),
    row_groups: [{
      num_rows: BigInt(group.rows),
      columns: group.columns.map(([path, type, codec, values, raw, packed, data, dictionary]) => ({
        file_offset: 0n,
        meta_data: {
          type: TYPES[type],
          encodings: [],
          path_in_schema: path,
          codec: CODECS[codec],
          num_values: BigInt(values),
          total_uncompressed_size: BigInt(raw),
          total_compressed_size: BigInt(packed),
          data_page_offset: BigInt(data),
          dictionary_page_offset: dictionary === null ? undefined : BigInt(dictionary),
        },
      })),
    }],
  }
}

/** Write numbers as numbers: Parquet's 64 bits come as BigInt. */
function simplify(value) {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(simplify)
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, simplify(inner)]))
  }
  return value
}

/** Give where the pages of each column lie, as the reader wants it; columns without are read whole. */
function listPages(group) {
  const columns = group.columns.filter(column => column[8])
  return Object.fromEntries(columns.map(column => [column[0].join('.'), column[8].map(([offset, size, row]) => ({
    offset: BigInt(offset), compressed_page_size: size, first_row_index: BigInt(row),
  }))]))
}

/** Open a file of which pieces that are asked for together, and lie close, come in one answer. */
function openFile(address) {
  let asked = []

  function answer() {
    const pieces = asked.sort((a, b) => a.from - b.from)
    asked = []
    while (pieces.length) {
      const run = [pieces.shift()]
      let end = run[0].to
      while (pieces.length && pieces[0].from - end <= GAP) {
        end = Math.max(end, pieces[0].to)
        run.push(pieces.shift())
      }
      const start = run[0].from
      const bytes = readRange(address, start, end)
      for (const { from, to, resolve } of run) {
        resolve(bytes.then(buffer => buffer.slice(from - start, to - start)))
      }
    }
  }

  return {
    byteLength: Number.MAX_SAFE_INTEGER,
    slice: (from, to) => new Promise(resolve => {
      // The reader asks for all columns before it waits for any: what follows at once comes along.
      if (!asked.length) queueMicrotask(answer)
      asked.push({ from, to, resolve })
    }),
  }
}

/** Open the rows of papers. */
export function openDetails(folder) {
  const footers = openRows(`${folder}footers.bin`, 1)
  const readFiles = remember(async () => JSON.parse(await unpackText(await readFile(`${folder}files.json`))))
  readFiles().catch(() => {})

  async function readPlace(site, [number, first, rows], columns) {
    const file = (await readFiles())[number]
    const place = file.first_rows.findLastIndex(row => row <= first)
    const group = await footers.readRow(file.first_group + place)
    const present = new Set(group.columns.map(([path]) => path[0]))
    const start = first - file.first_rows[place]
    const rowsOfPaper = await parquetReadObjects({
      file: openFile(`${site.data}${file.path}`),
      metadata: makeMetadata(file.schema, group),
      pageLocationsByGroup: [listPages(group)],
      columns: columns.filter(column => present.has(column)),
      rowStart: start,
      rowEnd: start + rows,
      compressors,
      parsers,
    })
    return rowsOfPaper.map(simplify)
  }

  return {
    /** Read some columns of the rows that a table has about a paper. */
    async read(site, { card }, table, columns) {
      const files = await readFiles()
      const places = (card.places ?? []).filter(([number]) => files[number].table === table)
      return (await Promise.all(places.map(place => readPlace(site, place, columns)))).flat()
    },
  }
}
