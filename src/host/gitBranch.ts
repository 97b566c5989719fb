import { type Disposable, extensions, workspace } from 'vscode';

/** As much of the API of VS Code's own Git extension as is needed here. */
interface GitExtension {
  getAPI(version: 1): GitApi;
}

interface GitApi {
  getRepository(uri: unknown): GitRepository | null;
}

interface GitRepository {
  readonly state: { readonly HEAD?: { readonly name?: string } };
}

/** Which branch the first workspace folder is on, as far as VS Code's Git extension has told. */
export class GitBranch {
  #api: GitApi | null = null;

  /** Looks for the Git extension, which starts in its own time. */
  connect(): Disposable {
    this.#find();
    return extensions.onDidChange(() => this.#find());
  }

  /** '' where there is no repository, no branch, or no Git. */
  get name(): string {
    const folder = workspace.workspaceFolders?.[0];
    if (folder === undefined) return '';
    if (this.#api === null) this.#find();
    return this.#api?.getRepository(folder.uri)?.state.HEAD?.name ?? '';
  }

  #find(): void {
    const git = extensions.getExtension<GitExtension>('vscode.git');
    if (this.#api !== null || git?.isActive !== true) return;
    try {
      this.#api = git.exports.getAPI(1);
    } catch {
      // Git is switched off in the settings: then there are no branches.
      this.#api = null;
    }
  }
}
