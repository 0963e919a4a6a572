//! From the text of a URDF to a [`Robot`].

mod convert;

use std::collections::HashMap;

use tandem_types::JOINTS_MAX;

use crate::{Attachment, Joint, Link, Motion, Robot, RobotError};

/// The longest URDF that is read. The largest published humanoids have about 200 kB.
pub const URDF_BYTES_MAX: usize = 4 << 20;

/// The most links a robot can have.
pub const LINKS_MAX: usize = 512;

pub(crate) fn read(
    text: &str,
    joint_names: &[String],
    tip_link: &str,
) -> Result<Robot, RobotError> {
    if text.len() > URDF_BYTES_MAX {
        return Err(RobotError::TooLong { bytes: text.len(), bytes_max: URDF_BYTES_MAX });
    }
    if joint_names.is_empty() || joint_names.len() > JOINTS_MAX {
        return Err(RobotError::JointCount { joints: joint_names.len(), joints_max: JOINTS_MAX });
    }
    let urdf = urdf_rs::read_from_string(text).map_err(RobotError::Parse)?;
    if urdf.links.len() > LINKS_MAX {
        return Err(RobotError::TooManyLinks { links: urdf.links.len(), links_max: LINKS_MAX });
    }
    let listed = listed_joints(&urdf, joint_names)?;
    let hangs_on = parent_joints(&urdf)?;
    let links = links_in_order(&urdf, &hangs_on, &listed)?;
    let joints = joint_names
        .iter()
        .filter_map(|name| urdf.joints.iter().find(|joint| joint.name == *name))
        .map(|joint| convert::joint(joint, position_of(&links, &joint.child.link)))
        .collect::<Result<Vec<Joint>, _>>()?;
    let tip_chain = chain_to(&links, tip_link)?;
    Ok(Robot { joints, links, tip_chain })
}

/// The place of every listed joint in the list, after checking the list against the URDF.
fn listed_joints<'a>(
    urdf: &urdf_rs::Robot,
    joint_names: &'a [String],
) -> Result<HashMap<&'a str, usize>, RobotError> {
    let mut listed = HashMap::new();
    for (index, name) in joint_names.iter().enumerate() {
        if listed.insert(name.as_str(), index).is_some() {
            return Err(RobotError::JointRepeated { joint: name.clone() });
        }
        let named = urdf.joints.iter().filter(|joint| joint.name == *name).count();
        if named > 1 {
            return Err(RobotError::JointRepeated { joint: name.clone() });
        }
        if named == 0 {
            let known: Vec<&str> = urdf
                .joints
                .iter()
                .filter(|joint| joint.joint_type != urdf_rs::JointType::Fixed)
                .map(|joint| joint.name.as_str())
                .collect();
            return Err(RobotError::JointMissing { joint: name.clone(), known: known.join(", ") });
        }
    }
    Ok(listed)
}

/// For every link by name the joint it hangs on.
fn parent_joints(
    urdf: &urdf_rs::Robot,
) -> Result<HashMap<&str, Option<&urdf_rs::Joint>>, RobotError> {
    let mut hangs_on: HashMap<&str, Option<&urdf_rs::Joint>> = HashMap::new();
    for link in &urdf.links {
        if hangs_on.insert(&link.name, None).is_some() {
            return Err(RobotError::LinkRepeated { link: link.name.clone() });
        }
    }
    for joint in &urdf.joints {
        let by = || format!("joint `{}`", joint.name);
        if !hangs_on.contains_key(joint.parent.link.as_str()) {
            return Err(RobotError::LinkMissing { link: joint.parent.link.clone(), by: by() });
        }
        let Some(parent) = hangs_on.get_mut(joint.child.link.as_str()) else {
            return Err(RobotError::LinkMissing { link: joint.child.link.clone(), by: by() });
        };
        if parent.replace(joint).is_some() {
            return Err(RobotError::SeveralParents { link: joint.child.link.clone() });
        }
    }
    Ok(hangs_on)
}

/// Every link with its attachment, parents first. Whatever the base does not carry is a loop,
/// because by now every link but the base hangs on exactly one joint.
fn links_in_order(
    urdf: &urdf_rs::Robot,
    hangs_on: &HashMap<&str, Option<&urdf_rs::Joint>>,
    listed: &HashMap<&str, usize>,
) -> Result<Vec<Link>, RobotError> {
    let joint_of = |link: &urdf_rs::Link| hangs_on.get(link.name.as_str()).copied().flatten();
    let mut roots = urdf.links.iter().filter(|link| joint_of(link).is_none());
    let any = urdf.links.first().map_or("", |link| &link.name);
    let base = roots.next().ok_or_else(|| RobotError::Loop { link: any.to_owned() })?;
    if let Some(second) = roots.next() {
        let (first, second) = (base.name.clone(), second.name.clone());
        return Err(RobotError::SeveralRoots { first, second });
    }
    let mut links = vec![convert::link(base, None, &urdf.materials)?];
    let mut next = 0;
    while let Some(parent) = links.get(next).map(|link| link.name.clone()) {
        for child in &urdf.links {
            let Some(joint) = joint_of(child).filter(|joint| joint.parent.link == parent) else {
                continue;
            };
            let attachment = attachment(joint, next, listed)?;
            links.push(convert::link(child, Some(attachment), &urdf.materials)?);
        }
        next += 1;
    }
    match urdf.links.iter().find(|link| links.iter().all(|seen| seen.name != link.name)) {
        Some(lost) => Err(RobotError::Loop { link: lost.name.clone() }),
        None => Ok(links),
    }
}

fn attachment(
    joint: &urdf_rs::Joint,
    parent_link: usize,
    listed: &HashMap<&str, usize>,
) -> Result<Attachment, RobotError> {
    let place = || format!("joint `{}`", joint.name);
    let parent_from_joint = convert::pose(&joint.origin, place)?;
    let motion = match (convert::moves(joint)?, listed.get(joint.name.as_str())) {
        (false, None) => Motion::Fixed,
        (false, Some(_)) => {
            return Err(RobotError::JointUnsupported { joint: joint.name.clone(), kind: "fixed" });
        }
        (true, None) => return Err(RobotError::JointNotListed { joint: joint.name.clone() }),
        (true, Some(&index)) => convert::motion(joint, index)?,
    };
    Ok(Attachment { parent_link, parent_from_joint, motion })
}

fn position_of(links: &[Link], name: &str) -> usize {
    links.iter().position(|link| link.name == name).unwrap_or(0)
}

/// The indices of the links from the base to `tip_link`.
fn chain_to(links: &[Link], tip_link: &str) -> Result<Vec<usize>, RobotError> {
    let tip = links.iter().position(|link| link.name == tip_link).ok_or_else(|| {
        RobotError::LinkMissing { link: tip_link.to_owned(), by: "the config".to_owned() }
    })?;
    let parent = |index: &usize| {
        links.get(*index).and_then(|link| link.attachment).map(|hangs| hangs.parent_link)
    };
    let mut chain: Vec<usize> = core::iter::successors(Some(tip), parent).collect();
    chain.reverse();
    Ok(chain)
}

#[cfg(test)]
mod tests;
