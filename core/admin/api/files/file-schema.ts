import { z } from "zod";

export const openedFileSchema = z.object({
  id: z.string(),
  name: z.string(),
  records: z.number(),
  sessions: z.number(),
});

export type OpenedFileView = z.infer<typeof openedFileSchema>;
