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
      columns: group.columns.map(([path, type, codec, values, raw, packed, data, dictionary, index, length]) => ({
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
        offset_index_offset: index === null ? undefined : BigInt(index),
        offset_index_length: length ?? undefined,
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

/** Read a file by ranges. The places of pages are read at once: they lie beside each other. */
async function openFile(address, columns) {
  const starts = columns.map(column => column[8]).filter(start => start !== null)
  const ends = columns.map(column => column[8] + column[9])
  const low = Math.min(...starts)
  const high = Math.max(...ends)
  const places = starts.length ? await readRange(address, low, high) : null
  return {
    byteLength: Number.MAX_SAFE_INTEGER,
    slice: async (from, to) => places && from >= low && to <= high
      ? places.slice(from - low, to - low)
      : readRange(address, from, to),
  }
}

const readFiles = remember(async folder => JSON.parse(await unpackText(await readFile(`${folder}files.json`))))

/** Open the rows of a paper. */
export function openDetails(site, folder, card) {
  const footers = openRows(`${folder}footers.bin`, 1)

  async function readPlace([number, first, rows], columns) {
    const file = (await readFiles(folder))[number]
    const place = file.first_rows.findLastIndex(row => row <= first)
    const group = await footers.readRow(file.first_group + place)
    const present = new Set(group.columns.map(([path]) => path[0]))
    const address = `${site.data}${file.path}`
    const start = first - file.first_rows[place]
    const readColumns = group.columns.filter(([path]) => columns.includes(path[0]))
    const rowsOfPaper = await parquetReadObjects({
      file: await openFile(address, readColumns),
      metadata: makeMetadata(file.schema, group),
      columns: columns.filter(column => present.has(column)),
      rowStart: start,
      rowEnd: start + rows,
      useOffsetIndex: true,
      compressors,
      parsers,
    })
    return rowsOfPaper.map(simplify)
  }

  return {
    /** Read some columns of the rows that a table has about the paper. */
    async read(table, columns) {
      const files = await readFiles(folder)
      const places = (card.places ?? []).filter(([number]) => files[number].table === table)
      return (await Promise.all(places.map(place => readPlace(place, columns)))).flat()
    },
  }
}
