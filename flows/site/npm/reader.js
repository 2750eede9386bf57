// What the pages read Parquet with. Releases are compressed with zstd alone: fzstd, which
// hyparquet-compressors brings for it, makes the bundle a third of one with all its compressors.
import { decompress } from 'fzstd'

export { parquetReadObjects } from 'hyparquet'

export const compressors = {
  ZSTD: (input, length) => decompress(input, new Uint8Array(length)),
}
