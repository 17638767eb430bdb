import { parseArtifactUri } from "@/lib/core/artifacts";
import { openFile } from "./file-source";
import { openHttp } from "./http-source";
import { openS3 } from "./s3-source";
import { ArtifactError, type ArtifactStream, type SourceOptions } from "./source";

/** Opens an artifact for reading. Every address is checked again here, whatever was checked when it was saved. @throws ArtifactError */
export async function openArtifact(uri: string, options: SourceOptions): Promise<ArtifactStream> {
  const parsed = parseArtifactUri(uri);
  if ("mistake" in parsed) throw new ArtifactError("scheme_unknown", parsed.mistake);
  const { place } = parsed;
  if (place.kind === "file") return openFile(place.path, options);
  return place.kind === "http" ? openHttp(place.url, options) : openS3(place, options);
}
