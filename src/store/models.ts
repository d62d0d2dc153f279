import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from "sequelize";

class FirmRow extends Model<InferAttributes<FirmRow>, InferCreationAttributes<FirmRow>> {
  declare id: string;
  declare name: string;
  declare email: string;
  declare country: string;
  /** 1 or 0. */
  declare allowEmbeddedFiles: CreationOptional<number>;
  /** FirmSettings, sealed, in base64; empty when it has chosen nothing. */
  declare settings: CreationOptional<string>;
  declare createdAt: number;
}

class MemberRow extends Model<InferAttributes<MemberRow>, InferCreationAttributes<MemberRow>> {
  declare id: string;
  declare firmId: string;
  declare firstName: string;
  declare lastName: string;
  declare email: string;
  declare phone: string;
  declare role: CreationOptional<"expert" | "collaborator">;
  declare rollNumber: CreationOptional<string | null>;
  declare version: CreationOptional<number>;
  declare leftAt: CreationOptional<number | null>;
  declare fingerprint: CreationOptional<string | null>;
  declare createdAt: number;
}

class FirmLogoRow extends Model<InferAttributes<FirmLogoRow>, InferCreationAttributes<FirmLogoRow>> {
  declare firmId: string;
  /** A PNG or a JPEG, in base64. */
  declare image: string;
  declare createdAt: number;
}

class ApiKeyRow extends Model<InferAttributes<ApiKeyRow>, InferCreationAttributes<ApiKeyRow>> {
  declare id: string;
  declare firmId: string;
  declare hash: string;
  declare name: CreationOptional<string>;
  /** Names with a space between, or * for every one. */
  declare scopes: CreationOptional<string>;
  declare fingerprint: CreationOptional<string | null>;
  declare createdAt: number;
  declare usedAt: CreationOptional<number | null>;
  declare revokedAt: CreationOptional<number | null>;
}

class CertificateRow extends Model<InferAttributes<CertificateRow>, InferCreationAttributes<CertificateRow>> {
  declare id: string;
  declare ownerId: string;
  /** DER in base64; `chain` is a JSON list of such. */
  declare certificate: string;
  declare chain: string;
  /** `file`: PKCS#8; `token`: a TokenKeySpec; sealed, in base64. `none`: empty. */
  declare keyKind: "file" | "token" | "none";
  declare wrappedKey: string;
  /** DER in base64 of a root that is not the engine's. */
  declare anchor: string | null;
  declare notAfter: number;
  declare createdAt: number;
  declare revokedAt: CreationOptional<number | null>;
  declare retiredAt: CreationOptional<number | null>;
}

// Functions, since Sequelize writes a column's name into the object that describes it.
const text = () => ({ type: DataTypes.TEXT, allowNull: false });
const maybeText = () => ({ type: DataTypes.TEXT, allowNull: true });
const id = () => ({ type: DataTypes.TEXT, primaryKey: true });
const instant = () => ({ type: DataTypes.BIGINT, allowNull: false });
const maybeInstant = () => ({ type: DataTypes.BIGINT, allowNull: true });

export type Models = ReturnType<typeof defineModels>;

/** The quiet tables, by Sequelize. Each database gets classes of its own, so two can be open at once. */
export function defineModels(sequelize: Sequelize) {
  const options = { sequelize, timestamps: false, underscored: true };
  const Firm = class extends FirmRow {};
  Firm.init(
    {
      id: id(),
      name: text(),
      email: text(),
      country: text(),
      allowEmbeddedFiles: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
      settings: { ...text(), defaultValue: "" },
      createdAt: instant(),
    },
    { ...options, tableName: "firms" },
  );
  const Member = class extends MemberRow {};
  Member.init(
    {
      id: id(),
      firmId: text(),
      firstName: text(),
      lastName: text(),
      email: text(),
      phone: text(),
      role: { ...text(), defaultValue: "expert" },
      rollNumber: maybeText(),
      version: { ...instant(), defaultValue: 1 },
      leftAt: maybeInstant(),
      fingerprint: maybeText(),
      createdAt: instant(),
    },
    { ...options, tableName: "members" },
  );
  const FirmLogo = class extends FirmLogoRow {};
  FirmLogo.init(
    { firmId: id(), image: text(), createdAt: instant() },
    { ...options, tableName: "firm_logos" },
  );
  const ApiKey = class extends ApiKeyRow {};
  ApiKey.init(
    {
      id: id(),
      firmId: text(),
      hash: text(),
      name: { ...text(), defaultValue: "" },
      scopes: { ...text(), defaultValue: "*" },
      fingerprint: maybeText(),
      createdAt: instant(),
      usedAt: maybeInstant(),
      revokedAt: maybeInstant(),
    },
    { ...options, tableName: "api_keys" },
  );
  const Certificate = class extends CertificateRow {};
  Certificate.init(
    {
      id: id(),
      ownerId: text(),
      certificate: text(),
      chain: text(),
      keyKind: text(),
      wrappedKey: text(),
      anchor: maybeText(),
      notAfter: instant(),
      createdAt: instant(),
      revokedAt: maybeInstant(),
      retiredAt: maybeInstant(),
    },
    { ...options, tableName: "certificates" },
  );
  return { Firm, FirmLogo, Member, ApiKey, Certificate };
}
