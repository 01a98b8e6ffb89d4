namespace MLNetMeta.Transforms.Columns;

/// <summary>What a label column may hold.</summary>
internal enum LabelKind
{
    /// <summary>Numbers: the targets of a regression.</summary>
    Numbers,

    /// <summary>Keys.</summary>
    Key,

    /// <summary>Booleans.</summary>
    Boolean,

    /// <summary>Either keys or Booleans.</summary>
    KeyOrBoolean,
}
